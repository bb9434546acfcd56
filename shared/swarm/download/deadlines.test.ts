import { expect, test } from 'vitest';
import type { LinkId } from '../../ids.ts';
import type { Effect } from '../events.ts';
import { Bitfield } from '../lib/bitfield.ts';
import { blockBytes } from '../../limits.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { infoBytes, lonely, requestsIn } from '../testing/lone-torrent.ts';

const pieceCount = 64;
const geometry = new Geometry(blockBytes, [{ length: pieceCount * blockBytes, padding: false }]);

/** A leech of 64 one-block pieces whose only peer has left parole and sends nothing more; `asked` is in flight. */
function downloading(has = Bitfield.full(pieceCount)) {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.step({ kind: 'metadata', geometry, infoBytes, have: new Bitfield(pieceCount).bytes });
  peer.step({ kind: 'want', priorities: new Uint8Array(pieceCount).fill(1) });
  peer.shakeHands();
  peer.hear({ type: 'bitfield', bits: has.bytes });
  const first = requestsIn(peer.hear({ type: 'unchoke' }));
  const later: Effect[] = [];
  for (const { piece, begin, length } of first) {
    later.push(...peer.hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }));
    later.push(...peer.step({ kind: 'verified', piece, ok: true }));
  }
  return { ...peer, had: first.map(({ piece }) => piece), asked: requestsIn(later).map(({ piece }) => piece) };
}

const cancelled = (effects: Effect[]): number[] =>
  effects.flatMap((effect) => (effect.kind === 'send' && effect.message.type === 'cancel' ? [effect.message.piece] : []));

test('a player that jumps cancels what is in flight of other places and asks for its own first', () => {
  const { step, had, asked } = downloading();
  const free = [...Array(pieceCount).keys()].filter((piece) => !had.includes(piece) && !asked.includes(piece));
  const wanted = [...free.slice(0, 3), ...asked.slice(0, 2)];
  const effects = step({ kind: 'deadlines', pieces: wanted });
  expect(new Set(cancelled(effects))).toEqual(new Set(asked.slice(2)));
  expect(
    requestsIn(effects)
      .map(({ piece }) => piece)
      .slice(0, 3),
  ).toEqual(free.slice(0, 3));
});

test('a player that plays on cancels nothing', () => {
  const { step, asked } = downloading();
  expect(cancelled(step({ kind: 'deadlines', pieces: asked.slice(1) }))).toEqual([]);
  expect(cancelled(step({ kind: 'deadlines', pieces: [] }))).toEqual([]);
});

test('a list longer than is looked through costs no more than its beginning', () => {
  const { step, had, asked } = downloading();
  const free = [...Array(pieceCount).keys()].filter((piece) => !had.includes(piece) && !asked.includes(piece));
  const filler: number[] = Array.from({ length: 1000 }, () => had[0]!);
  const effects = step({ kind: 'deadlines', pieces: [...filler, ...free] });
  expect(cancelled(effects)).toEqual([]);
});

/** All pieces but the last `absent`. */
function without(absent: number): Bitfield {
  const some = Bitfield.full(pieceCount);
  for (let piece = pieceCount - absent; piece < pieceCount; piece++) some.clear(piece);
  return some;
}

test('a player that waits for a piece that nobody has cancels nothing', () => {
  const { step, hear, asked } = downloading(without(1));
  const urgent = [pieceCount - 1, ...asked.slice(0, 4)];
  expect(cancelled(step({ kind: 'deadlines', pieces: urgent }))).toEqual([]);
  hear({ type: 'choke' });
  hear({ type: 'have', piece: pieceCount - 1 });
  expect(cancelled(step({ kind: 'deadlines', pieces: urgent.slice(0, 4) }))).toEqual([]);
});

test('a player that jumps leaves alone what is in flight at a peer that lacks its pieces', () => {
  const { step, hear, shakeHands } = downloading(without(32));
  const seed = 2 as LinkId;
  shakeHands('c', { from: seed });
  hear({ type: 'haveAll' }, seed);
  const { piece, begin, length } = requestsIn(hear({ type: 'unchoke' }, seed))[0]!;
  const trusted = [
    ...hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }, seed),
    ...step({ kind: 'verified', piece, ok: true }),
  ];
  const taken = new Set([piece, ...requestsIn(trusted).map((request) => request.piece)]);
  const urgent = [...Array(pieceCount).keys()].slice(32).filter((free) => !taken.has(free));
  const effects = step({ kind: 'deadlines', pieces: urgent.slice(-2) });
  const links = effects.flatMap((effect) => (effect.kind === 'send' && effect.message.type === 'cancel' ? [effect.link] : []));
  expect(new Set(links)).toEqual(new Set([seed]));
});
