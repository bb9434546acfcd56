import { expect, test } from 'vitest';
import type { LinkId } from '../../ids.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { Agenda } from '../core/event-queue.ts';
import { sharedContent } from '../core/content.ts';
import { Downlink, End, Uplink } from './link.ts';
import type { Owner } from './link.ts';

interface Arrival {
  readonly atMs: number;
  readonly from: LinkId;
  readonly types: readonly string[];
}

class Peer implements Owner {
  readonly uplink: Uplink;
  readonly downlink: Downlink;
  readonly isHonest = true;
  readonly arrivals: Arrival[] = [];
  readonly drains: number[] = [];
  readonly #agenda: Agenda;

  constructor(agenda: Agenda, up: number, down = Infinity) {
    this.#agenda = agenda;
    this.uplink = new Uplink(agenda, up);
    this.downlink = new Downlink(down);
  }

  arrived(end: End, messages: readonly WireMessage[]): void {
    this.arrivals.push({ atMs: Math.round(this.#agenda.now), from: end.other.link, types: messages.map(({ type }) => type) });
  }

  drained(_end: End, bytes: number): void {
    this.drains.push(bytes);
  }
}

let nextLink = 0;

function link(a: Peer, b: Peer, delayMs = 0, cap = Infinity): End {
  const end = new End(a, nextLink++ as LinkId, true, delayMs, cap);
  End.join(end, new End(b, nextLink++ as LinkId, false, delayMs, cap));
  return end;
}

function send(end: End, blocks: number, bytes = 1000): void {
  for (let i = 0; i < blocks; i++) end.blocks.push({ type: 'piece', piece: 0, begin: i, block: sharedContent.honest(0, 0, bytes) });
  end.owner.uplink.offer(end);
}

function finish(agenda: Agenda): void {
  while (agenda.nextAt < Infinity) agenda.runNext();
}

test('a block takes its time on the uplink, then the delay, and is said to have drained', () => {
  const agenda = new Agenda();
  const [a, b] = [new Peer(agenda, 1000), new Peer(agenda, 1000)];
  send(link(a, b, 50), 2);
  finish(agenda);
  expect(b.arrivals.map(({ atMs }) => atMs)).toEqual([1050, 2050]);
  expect(a.drains).toEqual([1000, 1000]);
});

test('links share an uplink in turn, whoever queued first', () => {
  const agenda = new Agenda();
  const [a, b, c] = [new Peer(agenda, 1000), new Peer(agenda, 1000), new Peer(agenda, 1000)];
  send(link(a, b), 3);
  send(link(a, c), 3);
  finish(agenda);
  expect(b.arrivals.map(({ atMs }) => atMs)).toEqual([1000, 3000, 5000]);
  expect(c.arrivals.map(({ atMs }) => atMs)).toEqual([2000, 4000, 6000]);
});

test('senders share a downlink', () => {
  const agenda = new Agenda();
  const [a, b, c] = [new Peer(agenda, 1000), new Peer(agenda, 1000), new Peer(agenda, 1000, 1000)];
  send(link(a, c), 2);
  send(link(b, c), 2);
  finish(agenda);
  expect(c.arrivals.map(({ atMs }) => atMs)).toEqual([2000, 3000, 4000, 5000]);
  expect(new Set(c.arrivals.slice(0, 2).map(({ from }) => from)).size).toBe(2);
});

test('control messages of a turn travel together and pass queued blocks', () => {
  const agenda = new Agenda();
  const [a, b] = [new Peer(agenda, 1000), new Peer(agenda, 1000)];
  const end = link(a, b, 50);
  send(end, 1);
  end.control.push({ type: 'choke' }, { type: 'have', piece: 1 });
  a.uplink.offer(end);
  finish(agenda);
  expect(b.arrivals.map(({ atMs, types }) => [atMs, types])).toEqual([
    [50, ['choke', 'have']],
    [1050, ['piece']],
  ]);
});

test('a cap holds one flow back and leaves the uplink to others', () => {
  const agenda = new Agenda();
  const [a, b, c] = [new Peer(agenda, 10_000), new Peer(agenda, 1000), new Peer(agenda, 1000)];
  send(link(a, b, 0, 1000), 3);
  send(link(a, c), 3);
  finish(agenda);
  expect(b.arrivals.map(({ atMs }) => atMs)).toEqual([100, 1100, 2100]);
  expect(c.arrivals.map(({ atMs }) => atMs)).toEqual([200, 300, 400]);
});

test('bytes sent are received, lost or on the way', () => {
  const agenda = new Agenda();
  const [a, b] = [new Peer(agenda, 1000), new Peer(agenda, 1000)];
  const end = link(a, b, 1500);
  send(end, 3);
  while (agenda.nextAt <= 2600) agenda.runNext();
  expect([end.sentBytes, end.other.receivedBytes, end.onWayBytes]).toEqual([2000, 1000, 1000]);
  end.other.close();
  end.close();
  finish(agenda);
  expect([end.sentBytes, end.other.receivedBytes, end.lostBytes, end.onWayBytes]).toEqual([2000, 1000, 1000, 0]);
});
