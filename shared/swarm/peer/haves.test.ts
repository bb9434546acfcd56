import { expect, test } from 'vitest';
import type { LinkId } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { writeDontHave } from '../../wire/extensions/dont-have.ts';
import { localExtensionId } from '../../wire/extensions/extension.ts';
import { Bitfield } from '../lib/bitfield.ts';
import type { Effect } from '../events.ts';
import { closed, infoBytes, link, lonely, requestsIn } from '../testing/lone-torrent.ts';

const pieces = 8;
const geometry = new Geometry(2 * blockBytes, [{ length: 2 * pieces * blockBytes, padding: false }]);
const [served, waiting, uninterested] = [2 as LinkId, 3 as LinkId, 4 as LinkId];

/** A leech with a seed (link 1) and one upload slot. One peer has the slot, one waits for it, one does not want it; all three lack everything. */
function swarm() {
  const peer = lonely({ uploads: 1, mostUploads: 1, leastTurnBytes: 2 * blockBytes });
  peer.step({ kind: 'resume' });
  peer.step({ kind: 'metadata', geometry, infoBytes, have: new Bitfield(pieces).bytes });
  peer.step({ kind: 'want', priorities: new Uint8Array(pieces).fill(1) });
  for (const from of [link, served, waiting, uninterested]) {
    peer.shakeHands(from.toString(), { from });
    peer.hear({ type: from === link ? 'haveAll' : 'haveNone' }, from);
    if (from === served || from === waiting) peer.hear({ type: 'interested' }, from);
  }
  let asked = requestsIn(peer.hear({ type: 'unchoke' }));
  const getPiece = (): Effect[] => {
    const piece = asked[0]?.piece ?? 0;
    const [first, second] = [geometry.block(piece, 0), geometry.block(piece, 1)].map(({ begin, length }) =>
      peer.hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }),
    );
    const effects = [...(first ?? []), ...(second ?? []), ...peer.step({ kind: 'verified', piece, ok: true })];
    asked = [...asked, ...requestsIn(effects)].filter((request) => request.piece !== piece);
    return effects;
  };
  return { ...peer, getPiece };
}

/** Kinds of messages to this link. */
const said = (effects: readonly Effect[], to: LinkId): string[] =>
  effects.flatMap((effect) => (effect.kind === 'send' && effect.link === to ? [effect.message.type] : []));

test('who may request a piece, or might become interested by it, hears of it at once; who waits for a turn within a second', () => {
  const { getPiece, pass } = swarm();
  const got = getPiece();
  expect(said(got, served)).toEqual(['have']);
  expect(said(got, uninterested)).toEqual(['have']);
  expect(said(got, waiting)).toEqual([]);
  expect(said(pass(1000), waiting)).toEqual(['have']);
});

test('who waits for a turn hears of every fourth piece with those before it: where links are fast, a second is long', () => {
  const { getPiece } = swarm();
  const counts = Array.from({ length: 7 }, () => said(getPiece(), waiting).length);
  expect(counts).toEqual([0, 0, 0, 4, 0, 0, 0]);
});

test('who waited for a turn knows all our pieces when it begins', () => {
  const { getPiece, hear, step } = swarm();
  getPiece();
  const [piece = 0] = getPiece().flatMap((effect) =>
    effect.kind === 'send' && effect.message.type === 'have' ? [effect.message.piece] : [],
  );
  const asked = [0, 1].flatMap((block) => hear({ type: 'request', ...geometry.block(piece, block) }, served));
  const drained = [1, 2].flatMap(() => step({ kind: 'drained', link: served, bytes: blockBytes }));
  expect(said([...asked, ...drained], waiting)).toEqual(['have', 'have', 'unchoke']);
});

test('who says more than ten thousand HAVEs before we know the metadata is believed, not blamed', () => {
  const said = 12_000;
  const { step, hear, shakeHands, torrent } = lonely();
  step({ kind: 'resume' });
  shakeHands();
  const effects = Array.from({ length: said }, (_, piece) => hear({ type: 'have', piece })).flat();
  const many = new Geometry(blockBytes, [{ length: (said + 1) * blockBytes, padding: false }]);
  effects.push(...step({ kind: 'metadata', geometry: many, infoBytes, have: new Bitfield(said + 1).bytes }));
  expect(closed(effects)).toEqual([]);
  expect(torrent.status().peers.map(({ havePieces }) => havePieces)).toEqual([said]);
});

test('who says HAVE before we know the metadata, for a piece that does not exist, is blamed when we do', () => {
  const { step, hear, shakeHands } = lonely();
  step({ kind: 'resume' });
  shakeHands();
  expect(closed(hear({ type: 'have', piece: pieces }))).toEqual([]);
  expect(closed(step({ kind: 'metadata', geometry, infoBytes, have: new Bitfield(pieces).bytes }))).toEqual(['badIndex']);
});

test.each([
  ['have', { type: 'have', piece: 3 }],
  ['bitfield', { type: 'bitfield', bits: Bitfield.full(pieces).bytes }],
  ['haveAll', { type: 'haveAll' }],
] as const)('a piece that a peer has lost before we know the metadata is not asked of it (%s)', (_, said) => {
  const { step, hear, shakeHands, torrent } = lonely();
  const lost = { type: 'extended', id: localExtensionId.ltDontHave, payload: writeDontHave(3) } as const;
  const havePieces = (): number => torrent.status().peers[0]?.havePieces ?? 0;
  step({ kind: 'resume' });
  shakeHands();
  for (const message of [said, lost]) hear(message);
  step({ kind: 'metadata', geometry, infoBytes, have: new Bitfield(pieces).bytes });
  expect(havePieces()).toBe(said.type === 'have' ? 0 : pieces - 1);
  hear({ type: 'have', piece: 3 });
  expect(havePieces()).toBe(said.type === 'have' ? 1 : pieces);
});

test('a piece that a peer has lost and got again before we know the metadata is its own', () => {
  const { step, hear, shakeHands, torrent } = lonely();
  step({ kind: 'resume' });
  shakeHands();
  hear({ type: 'haveAll' });
  hear({ type: 'extended', id: localExtensionId.ltDontHave, payload: writeDontHave(3) });
  hear({ type: 'have', piece: 3 });
  step({ kind: 'metadata', geometry, infoBytes, have: new Bitfield(pieces).bytes });
  expect(torrent.status().peers[0]?.havePieces).toBe(pieces);
});
