import { expect, test } from 'vitest';
import { blockBytes } from '../../limits.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { Bitfield } from '../lib/bitfield.ts';
import type { Peer } from '../peer/peer.ts';
import { infoBytes, lonely, requestsIn } from '../testing/lone-torrent.ts';
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

/** How many requests follow each block at once, of a torrent of two pieces from one seed, with so large a window. */
function refills(windowBlocks: number): number[] {
  const geometry = new Geometry(256 * blockBytes, [{ length: 512 * blockBytes, padding: false }]);
  const peer = lonely({ firstWindowBlocks: windowBlocks, mostWindowBlocks: windowBlocks });
  peer.step({ kind: 'resume' });
  peer.step({ kind: 'metadata', geometry, infoBytes, have: new Bitfield(geometry.pieceCount).bytes });
  peer.step({ kind: 'want', priorities: new Uint8Array(geometry.pieceCount).fill(1) });
  peer.shakeHands();
  peer.hear({ type: 'haveAll' });
  const waiting = requestsIn(peer.hear({ type: 'unchoke' }));
  const found: number[] = [];
  for (let blocks = 0; blocks < windowBlocks; blocks++) {
    const { piece, begin, length } = waiting.shift()!;
    const more = requestsIn(peer.hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }));
    waiting.push(...more);
    found.push(more.length);
  }
  return found.filter((count) => count > 0);
}

test('a pipeline is refilled when a quarter of it is free, in one burst', () => {
  expect(refills(16)).toEqual([4, 4, 4, 4]);
});

test('a long pipeline is refilled by 32 requests at once', () => {
  expect(refills(256)).toEqual(Array.from({ length: 8 }, () => 32));
});
