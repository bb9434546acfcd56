import { expect, test } from 'vitest';
import type { Peer } from '../peer/peer.ts';
import { FillQueue } from './fill-queue.ts';

function peer(link: number, snubbed = false): Peer {
  return { link, isToFill: false, isAskable: false, peerChoking: false, allowedFast: new Set(), pipeline: { snubbed } } as unknown as Peer;
}

function filled(queue: FillQueue): number[] {
  const links: number[] = [];
  queue.drainInto({ fill: ({ link }) => void links.push(link) });
  return links;
}

test('each peer is filled once, in the order they came, snubbed ones last', () => {
  const [a, b, c] = [peer(1, true), peer(2), peer(3)];
  const queue = new FillQueue();
  for (const each of [a, b, c]) queue.heard(each);
  for (const each of [a, b, a, c, b]) queue.add(each);
  expect(filled(queue)).toEqual([2, 3, 1]);
  expect(filled(queue)).toEqual([]);
  queue.addAll([b, a]);
  expect(filled(queue)).toEqual([2, 1]);
});

test('what becomes free is offered to those that may be asked: who does not choke us, or allows some pieces all the same', () => {
  const [open, choking, allowing, left] = [peer(1), peer(2), peer(3), peer(4)];
  choking.peerChoking = allowing.peerChoking = true;
  allowing.allowedFast.add(7);
  const queue = new FillQueue();
  for (const each of [open, choking, allowing, left]) queue.heard(each);
  queue.remove(left);
  queue.addAskable();
  expect(filled(queue)).toEqual([1, 3]);
  open.peerChoking = true;
  queue.heard(open);
  queue.addAskable();
  expect(filled(queue)).toEqual([3]);
});

test('a peer that left is not filled, and may come again', () => {
  const [a, b] = [peer(1), peer(2)];
  const queue = new FillQueue();
  queue.addAll([a, b]);
  queue.remove(a);
  queue.remove(a);
  expect(filled(queue)).toEqual([2]);
  queue.add(a);
  expect(filled(queue)).toEqual([1]);
});
