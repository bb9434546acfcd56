import { expect, test } from 'vitest';
import type { LinkId, PeerId } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { EventQueue } from '../core/event-queue.ts';
import { sharedContent } from '../core/content.ts';
import { Downlink, LinkEnd, Uplink } from './link.ts';
import type { LinkOwner } from './link.ts';

interface Arrival {
  readonly atMs: number;
  readonly from: LinkId;
  readonly types: readonly string[];
}

class Peer implements LinkOwner {
  readonly uplink: Uplink;
  readonly downlink: Downlink;
  readonly isHonest = true;
  readonly introduction = { peerId: '0'.repeat(40) as PeerId, tracker: '' };
  readonly arrivals: Arrival[] = [];
  readonly drains: number[] = [];
  readonly #queue: EventQueue;

  constructor(queue: EventQueue, up: number, down = Infinity, burstBlocks = 1) {
    this.#queue = queue;
    this.uplink = new Uplink(queue, up, burstBlocks);
    this.downlink = new Downlink(down);
  }

  arrived(end: LinkEnd, messages: readonly WireMessage[]): void {
    this.arrivals.push({ atMs: Math.round(this.#queue.now), from: end.other.link, types: messages.map(({ type }) => type) });
  }

  drained(_end: LinkEnd, _blocks: number, bytes: number): void {
    this.drains.push(bytes);
  }
}

let nextLink = 0;

function link(a: Peer, b: Peer, delayMs = 0, cap = Infinity): LinkEnd {
  const end = new LinkEnd(a, nextLink++ as LinkId, true, delayMs, cap);
  LinkEnd.join(end, new LinkEnd(b, nextLink++ as LinkId, false, delayMs, cap));
  return end;
}

function send(end: LinkEnd, blocks: number, bytes = 1000): void {
  for (let i = 0; i < blocks; i++) end.blocks.push({ type: 'piece', piece: 0, begin: i, block: sharedContent.honest(0, 0, bytes) });
  end.owner.uplink.flush(end);
}

function finish(queue: EventQueue): void {
  while (queue.nextAt < Infinity) queue.runNext();
}

test('a full downlink holds its senders back, and stays busy', () => {
  const queue = new EventQueue();
  const [a, b] = [new Peer(queue, 1_000_000), new Peer(queue, 1000, 1000)];
  send(link(a, b, 50), 10);
  while (queue.nextAt < 500) queue.runNext();
  expect(a.drains.length).toBe(3);
  finish(queue);
  expect(b.arrivals.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 10 }, (_, i) => 1051 + 1000 * i));
});

test('a block takes uplink time plus delay, and drained is reported', () => {
  const queue = new EventQueue();
  const [a, b] = [new Peer(queue, 1000), new Peer(queue, 1000)];
  send(link(a, b, 50), 2);
  finish(queue);
  expect(b.arrivals.map(({ atMs }) => atMs)).toEqual([1050, 2050]);
  expect(a.drains).toEqual([1000, 1000]);
});

test('links share an uplink round robin, whoever queued first', () => {
  const queue = new EventQueue();
  const [a, b, c] = [new Peer(queue, 1000), new Peer(queue, 1000), new Peer(queue, 1000)];
  send(link(a, b), 3);
  send(link(a, c), 3);
  finish(queue);
  expect(b.arrivals.map(({ atMs }) => atMs)).toEqual([1000, 3000, 5000]);
  expect(c.arrivals.map(({ atMs }) => atMs)).toEqual([2000, 4000, 6000]);
});

test('in bursts blocks of a link leave and arrive together, as many as its path carries in a sixteenth of a second', () => {
  const queue = new EventQueue();
  const fast = 64 * blockBytes;
  const [a, b, c] = [new Peer(queue, fast, Infinity, 4), new Peer(queue, fast), new Peer(queue, fast, 32 * blockBytes)];
  send(link(a, b), 5, blockBytes);
  send(link(a, c), 4, blockBytes);
  finish(queue);
  expect(b.arrivals.map(({ types }) => types.length)).toEqual([4, 1]);
  expect(c.arrivals.map(({ types }) => types.length)).toEqual([2, 2]);
  expect(b.arrivals[0]?.atMs).toBe(Math.round(4000 / 64));
  expect(a.drains).toEqual([4, 2, 1, 2].map((blocks) => blocks * blockBytes));
});

test('senders share a downlink', () => {
  const queue = new EventQueue();
  const [a, b, c] = [new Peer(queue, 1000), new Peer(queue, 1000), new Peer(queue, 1000, 1000)];
  send(link(a, c), 2);
  send(link(b, c), 2);
  finish(queue);
  expect(c.arrivals.map(({ atMs }) => atMs)).toEqual([2000, 3000, 4000, 5000]);
  expect(new Set(c.arrivals.slice(0, 2).map(({ from }) => from)).size).toBe(2);
});

test('control messages of a turn travel together and overtake queued blocks', () => {
  const queue = new EventQueue();
  const [a, b] = [new Peer(queue, 1000), new Peer(queue, 1000)];
  const end = link(a, b, 50);
  send(end, 1);
  end.control = [{ type: 'choke' }, { type: 'have', piece: 1 }];
  a.uplink.flush(end);
  finish(queue);
  expect(b.arrivals.map(({ atMs, types }) => [atMs, types])).toEqual([
    [50, ['choke', 'have']],
    [1050, ['piece']],
  ]);
});

test('a cap limits one flow and leaves the uplink to others', () => {
  const queue = new EventQueue();
  const [a, b, c] = [new Peer(queue, 10_000), new Peer(queue, 1000), new Peer(queue, 1000)];
  send(link(a, b, 0, 1000), 3);
  send(link(a, c), 3);
  finish(queue);
  expect(b.arrivals.map(({ atMs }) => atMs)).toEqual([100, 1100, 2100]);
  expect(c.arrivals.map(({ atMs }) => atMs)).toEqual([200, 300, 400]);
});

test('bytes sent are received, lost or in transit', () => {
  const queue = new EventQueue();
  const [a, b] = [new Peer(queue, 1000), new Peer(queue, 1000)];
  const end = link(a, b, 1500);
  send(end, 3);
  while (queue.nextAt <= 2600) queue.runNext();
  expect([end.sentBytes, end.other.receivedBytes, end.inTransitBytes]).toEqual([2000, 1000, 1000]);
  end.other.close();
  end.close();
  finish(queue);
  expect([end.sentBytes, end.other.receivedBytes, end.lostBytes, end.inTransitBytes]).toEqual([2000, 1000, 1000, 0]);
});
