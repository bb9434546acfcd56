import { expect, test } from 'vitest';
import type { LinkId, PieceIndex } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import type { Effect } from '../../events.ts';
import { Bitfield } from '../../lib/bitfield.ts';
import { geometry, lonely } from '../../testing/lone-torrent.ts';

const first = 1 as LinkId;
const second = 2 as LinkId;
const third = 3 as LinkId;

const servedTo = (effects: readonly Effect[], to: LinkId): PieceIndex[] =>
  effects.flatMap((effect) => (effect.kind === 'sendBlock' && effect.link === to ? [effect.piece] : []));

/**
 * A seed that hands out two blocks a link. The first peer is sent piece 0 and the second one piece 1, while its requests for piece 2 wait. A third
 * peer has its turn, with or without BEP 6.
 */
function busySeed(fast = true) {
  const seed = lonely({ uploadAheadBytes: 2 * blockBytes });
  const join = (from: LinkId, options: { fast: boolean }): void => {
    seed.shakeHands(String(from), { from, ...options });
    seed.hear({ type: 'interested' }, from);
  };
  const request = (from: LinkId, piece: PieceIndex): Effect[] =>
    [0, 1].flatMap((block) => seed.hear({ type: 'request', ...geometry.block(piece, block) }, from));
  const drain = (link: LinkId): Effect[] => seed.step({ kind: 'drained', link, bytes: blockBytes });
  seed.step({ kind: 'resume' });
  seed.know(Bitfield.full(geometry.pieceCount));
  join(first, { fast: false });
  join(second, { fast: false });
  request(first, 0);
  request(second, 1);
  request(second, 2);
  join(third, { fast });
  return { ...seed, request, drain };
}

test.each([true, false])('a second copy waits until the first copies that others asked for are handed out (BEP 6: %s)', (fast) => {
  const seed = busySeed(fast);
  expect(servedTo(seed.request(third, 0), third)).toEqual([]);
  expect(servedTo(seed.drain(second), third)).toEqual([]);
  expect(servedTo(seed.drain(second), third)).toEqual([0, 0]);
});

test('beside a link that does not take its first copies a second one waits two seconds at most, and the next one not at all', () => {
  const seed = busySeed();
  expect(servedTo(seed.request(third, 0), third)).toEqual([]);
  expect(servedTo(seed.pass(2000), third)).toEqual([0, 0]);
  seed.drain(third);
  seed.drain(third);
  expect(servedTo(seed.request(third, 1), third)).toEqual([1, 1]);
});

test('where no first copy waits, a second one is sent at once', () => {
  const seed = busySeed();
  seed.drain(second);
  seed.drain(second);
  expect(servedTo(seed.request(third, 0), third)).toEqual([0, 0]);
});
