import { expect, test } from 'vitest';
import type { Effect } from '../events.ts';
import { Bitfield } from '../lib/bitfield.ts';
import { blockBytes } from '../../limits.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { infoBytes, lonely, requestsIn } from '../testing/lone-torrent.ts';

const pieceCount = 64;
const geometry = new Geometry(blockBytes, [{ length: pieceCount * blockBytes, padding: false }]);

/** A leech of 64 one-block pieces whose only seed has left parole and sends nothing more; `asked` is in flight. */
function downloading() {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.step({ kind: 'metadata', geometry, infoBytes, have: new Bitfield(pieceCount).bytes });
  peer.step({ kind: 'want', priorities: new Uint8Array(pieceCount).fill(1) });
  peer.shakeHands();
  peer.hear({ type: 'haveAll' });
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
