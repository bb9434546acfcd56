import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LinkId } from '../../../shared/ids.ts';
import type { RtcOrder } from '../../bridge/protocol.ts';
import { Dialler, type Dial, type DialOwner } from './connection-pool.ts';
import { NextTask } from '../links/next-task.ts';

let now = 0;
let orders: RtcOrder[] = [];
let dialler: Dialler;

class Owner implements DialOwner {
  readonly ended = vi.fn<(dial: Dial, wasOpen: boolean) => void>();
  readonly taken = vi.fn<(dial: Dial) => void>();
  readonly described = vi.fn<(dial: Dial) => void>();
  readonly opened = vi.fn<(dial: Dial) => void>();
  readonly bytes = vi.fn<(dial: Dial, bytes: Uint8Array) => void>();
  readonly drained = vi.fn<(dial: Dial, blockBytes: number) => void>();
}

const nextTask = new NextTask();
afterEach(() => vi.restoreAllMocks());
beforeEach(() => {
  now = 0;
  orders = [];
  dialler = new Dialler(
    (order) => orders.push(order),
    nextTask,
    () => now,
  );
});

function closed(): LinkId[] {
  return orders.filter(({ kind }) => kind === 'close').map(({ link }) => link);
}

function offered(owner: DialOwner): Dial {
  const dial = dialler.offer(owner)!;
  dialler.report({ kind: 'description', link: dial.id, type: 'offer', sdp: 'v=0' });
  dialler.sent(dial, `offer ${dial.id}`, 'ws://tracker');
  return dial;
}

test('a page makes twelve offers, and keeps room to answer eight more', () => {
  const owner = new Owner();
  for (let i = 0; i < 12; i++) offered(owner);
  expect(dialler.offer(owner)).toBeNull();
  for (let i = 0; i < 8; i++) expect(dialler.answer(owner, 'v=0')).not.toBeNull();
  expect(owner.taken).not.toHaveBeenCalled();
});

test('when everything is pending, answering takes the place of the offer that waits the longest', () => {
  const owner = new Owner();
  const oldest = offered(owner);
  now = 100;
  for (let i = 0; i < 11; i++) offered(owner);
  for (let i = 0; i < 8; i++) dialler.answer(owner, 'v=0');
  expect(dialler.answer(owner, 'v=0')).not.toBeNull();
  expect(owner.taken.mock.calls).toEqual([[oldest]]);
  expect(closed()).toEqual([oldest.id]);
});

test('an offer nobody answered for 10 s is sent for the next torrent instead of making another', () => {
  const first = new Owner();
  const second = new Owner();
  const dial = offered(first);
  now = 9_999;
  expect(dialler.offer(second)).not.toBe(dial);
  now = 10_000;
  expect(dialler.offer(second)).toBe(dial);
  expect(first.taken.mock.calls).toEqual([[dial]]);
  expect([dial.owner, dial.state, dial.offerId]).toEqual([second, 'ready', '']);
});

test('an unanswered offer lives 50 s, a connection that does not open 25 s', () => {
  const owner = new Owner();
  const unanswered = offered(owner);
  const answered = offered(owner);
  dialler.accept(answered, 'v=0');
  expect(dialler.wakeAt()).toBe(25_000);
  now = 25_000;
  dialler.advance(now);
  expect(owner.ended.mock.calls).toEqual([[answered, false]]);
  now = 50_000;
  dialler.advance(now);
  expect(owner.ended.mock.calls.at(-1)).toEqual([unanswered, false]);
  expect(closed()).toEqual([answered.id, unanswered.id]);
  expect(dialler.wakeAt()).toBe(Infinity);
});

test('at 60 connections there is no room, and one that ends makes room', () => {
  const owner = new Owner();
  const dials: Dial[] = [];
  for (let i = 0; i < 60; i++) {
    const dial = dialler.answer(owner, 'v=0')!;
    dialler.report({ kind: 'channel', link: dial.id, channel: newChannel() });
    dials.push(dial);
    if (i % 10 === 9) openAll();
  }
  expect(dialler.room).toBe(0);
  expect([dialler.offer(owner), dialler.answer(owner, 'v=0')]).toEqual([null, null]);
  dialler.report({ kind: 'closed', link: dials[0]!.id, code: 'iceFailed', detail: '' });
  expect(owner.ended.mock.calls).toEqual([[dials[0], true]]);
  expect(dialler.answer(owner, 'v=0')).not.toBeNull();
});

test('what the page sends for a connection that is over is let go', () => {
  const dial = dialler.offer(new Owner())!;
  dialler.close(dial);
  const channel = newChannel();
  dialler.report({ kind: 'channel', link: dial.id, channel });
  expect(channel.readyState).toBe('closed');
});

/** As much of a channel as the budget needs; opened by `openAll`. */
function newChannel(): RTCDataChannel {
  const channel = { readyState: 'connecting', bufferedAmount: 0, close: () => (channel.readyState = 'closed') };
  channels.push(channel as unknown as RTCDataChannel);
  return channel as unknown as RTCDataChannel;
}

const channels: RTCDataChannel[] = [];

function openAll(): void {
  for (const channel of channels.splice(0)) channel.onopen?.(new Event('open'));
}
