import { expect, test } from 'vitest';
import type { LinkId, PieceIndex } from '../../../ids.ts';
import { Reputation } from '../../peer/reputation.ts';
import { PartialPiece } from '../partial-pieces.ts';
import { VerificationQueue } from './verification-queue.ts';

const [a, b] = [1, 2] as LinkId[] as [LinkId, LinkId];

function queueOf() {
  const reputation = new Reputation(3);
  const records = [a, b].map((link) => reputation.opened(link, null));
  const queue = new VerificationQueue(reputation);
  const add = (piece: PieceIndex, ...givers: LinkId[]): PartialPiece => {
    const whole = new PartialPiece(piece, givers.length, null, 1 as LinkId);
    for (const [block, from] of givers.entries()) whole.receive(block, from);
    queue.add(whole);
    return whole;
  };
  const take = (): PieceIndex[] => queue.take().map(({ piece }) => piece);
  return { queue, records, add, take };
}

test('two pieces of one giver are verified at a time, the next when a verdict is here', () => {
  const { queue, add, take } = queueOf();
  for (const piece of [0, 1, 2, 3]) add(piece, a);
  add(4, b);
  expect(take()).toEqual([0, 1, 4]);
  expect(take()).toEqual([]);
  queue.verdict(0, true);
  queue.verdict(0, true);
  expect(take()).toEqual([2]);
});

test('of pieces with several givers one is verified at a time', () => {
  const { queue, add, take } = queueOf();
  for (const piece of [0, 1]) add(piece, a, b);
  add(2, b);
  expect(take()).toEqual([0, 2]);
  queue.verdict(0, true);
  expect(take()).toEqual([1]);
});

test('a suspect has one piece of its own verified at a time, and none with others', () => {
  const { queue, records, add, take } = queueOf();
  records[0]!.suspectedIn = 1;
  add(0, a, b);
  add(1, a);
  add(2, a);
  expect(take()).toEqual([1]);
  queue.verdict(1, true);
  expect(take()).toEqual([2]);
  records[0]!.suspectedIn = 2;
  queue.verdict(2, true);
  add(3, a);
  expect(take()).toEqual([3]);
  records[0]!.suspectedIn = 0;
  expect(take()).toEqual([0]);
});

test('who gave many good pieces has more of them verified at a time', () => {
  const { records, add, take } = queueOf();
  records[0]!.goodPieces = 96;
  for (let piece = 0; piece < 9; piece++) add(piece, a);
  expect(take()).toEqual([0, 1, 2, 3, 4]);
});

test('a piece that is whole no longer waits no longer', () => {
  const { queue, add, take } = queueOf();
  for (const piece of [0, 1]) add(piece, a);
  const waiting = add(2, a);
  expect(take()).toEqual([0, 1]);
  queue.remove(waiting);
  queue.verdict(0, true);
  expect(take()).toEqual([]);
});
