import { expect, test } from 'vitest';
import type { Peer } from '../peer/peer.ts';
import { FillQueue } from './fill-queue.ts';

function peer(link: number, snubbed = false): Peer {
  return { link, isToFill: false, pipeline: { snubbed } } as unknown as Peer;
}

function filled(queue: FillQueue): number[] {
  const links: number[] = [];
  queue.drainInto({ fill: ({ link }) => void links.push(link) });
  return links;
}

test('each peer is filled once, in the order they came, snubbed ones last', () => {
  const [a, b, c] = [peer(1, true), peer(2), peer(3)];
  const queue = new FillQueue();
  for (const each of [a, b, a, c, b]) queue.add(each);
  expect(filled(queue)).toEqual([2, 3, 1]);
  expect(filled(queue)).toEqual([]);
  queue.addAll([b, a]);
  expect(filled(queue)).toEqual([2, 1]);
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
