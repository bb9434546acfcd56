import { expect, test } from 'vitest';
import type { LinkId, PieceIndex } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { writeDontHave } from '../../wire/extensions/dont-have.ts';
import { localExtensionId } from '../../wire/extensions/extension.ts';
import type { WireMessage } from '../../wire/messages.ts';
import type { Effect } from '../events.ts';
import { Bitfield } from '../lib/bitfield.ts';
import { infoBytes, lonely, requestsIn } from '../testing/lone-torrent.ts';

/** Pieces of 8 MiB: six of them may be begun at a time. */
const pieceCount = 16;
const geometry = new Geometry(512 * blockBytes, [{ length: pieceCount * 512 * blockBytes, padding: false }]);

const bitsOf = (pieces: readonly PieceIndex[]): Uint8Array => {
  const field = new Bitfield(pieceCount);
  for (const piece of pieces) field.set(piece);
  return field.bytes.slice();
};

/** Six pieces are begun, each by a peer that gives so many blocks of it and leaves. */
function begun(blocks: readonly number[]) {
  const torrent = lonely();
  torrent.step({ kind: 'resume' });
  torrent.step({ kind: 'metadata', geometry, infoBytes, have: new Bitfield(pieceCount).bytes });
  torrent.step({ kind: 'want', priorities: new Uint8Array(pieceCount).fill(1) });
  const join = (link: LinkId, pieces: readonly PieceIndex[]): Effect[] => {
    torrent.shakeHands(String(link), { from: link });
    torrent.hear({ type: 'bitfield', bits: bitsOf(pieces) }, link);
    return torrent.hear({ type: 'unchoke' }, link);
  };
  for (const [piece, count] of blocks.entries()) {
    const link = (piece + 2) as LinkId;
    const requests = requestsIn(join(link, [piece])).slice(0, count);
    for (const { begin, length } of requests) torrent.hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }, link);
    torrent.step({ kind: 'linkClosed', link });
  }
  return { ...torrent, join };
}

const discarded = (effects: readonly Effect[]): PieceIndex[] =>
  effects.flatMap((effect) => (effect.kind === 'discard' ? [effect.piece] : []));

test('begun pieces that nobody has make room for what a peer would give, the emptiest first', () => {
  const { join, pass } = begun([3, 2, 3, 1, 2, 3]);
  expect(requestsIn(join(1 as LinkId, [6, 7]))).toEqual([]);
  const effects = pass(1000);
  expect(discarded(effects)).toEqual([3]);
  expect([6, 7]).toContain(requestsIn(effects)[0]?.piece);
});

test('begun pieces stay where no peer has others', () => {
  const { join, pass } = begun([3, 2, 3, 1, 2, 3]);
  join(1 as LinkId, []);
  expect(discarded(pass(60_000))).toEqual([]);
});

test('begun pieces stay that somebody connected has, also one that chokes us', () => {
  const { join, pass, shakeHands, hear } = begun([3, 2, 3, 1, 2, 3]);
  const holder = 9 as LinkId;
  shakeHands('9', { from: holder });
  hear({ type: 'bitfield', bits: bitsOf([0, 1, 2, 3, 4, 5]) }, holder);
  join(1 as LinkId, [6, 7]);
  expect(discarded(pass(10_000))).toEqual([]);
});

/** One piece, four times as long as the first requests. */
const onePiece = new Geometry(64 * blockBytes, [{ length: 64 * blockBytes, padding: false }]);

const dontHave: WireMessage = { type: 'extended', id: localExtensionId.ltDontHave, payload: writeDontHave(0) };
const haveNothing: WireMessage = { type: 'bitfield', bits: new Bitfield(1).bytes };

test.each([
  ['lt_donthave', dontHave],
  ['a late bitfield', haveNothing],
])('a piece that one peer alone may give is free for others when it takes back that it has it: %s', (_, takesBack) => {
  const { step, hear, shakeHands, pass } = lonely();
  step({ kind: 'resume' });
  step({ kind: 'metadata', geometry: onePiece, infoBytes, have: new Bitfield(1).bytes });
  step({ kind: 'want', priorities: Uint8Array.of(1) });
  shakeHands();
  hear({ type: 'have', piece: 0 });
  const asked = requestsIn(hear({ type: 'unchoke' }));
  hear(takesBack);
  // It gives what was asked before, so it rejects nothing and is late with nothing.
  for (const { piece, begin, length } of asked) hear({ type: 'piece', piece, begin, block: new Uint8Array(length) });
  const other = 2 as LinkId;
  shakeHands('c', { from: other });
  hear({ type: 'haveAll' }, other);
  expect(asked).toHaveLength(16);
  expect(requestsIn([...hear({ type: 'unchoke' }, other), ...pass(60_000)]).length).toBeGreaterThan(0);
});
