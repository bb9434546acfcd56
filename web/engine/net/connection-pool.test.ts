import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LinkId } from '../../../shared/ids.ts';
import type { RtcOrder } from '../../bridge/protocol.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import { ConnectionPool } from './connection-pool.ts';
import { NextTask } from '../links/next-task.ts';

let now = 0;
let orders: RtcOrder[] = [];
let pool: ConnectionPool;

class Owner implements ConnectionOwner {
  readonly idle = new Set<Connection>();
  readonly evicted = vi.fn<(connection: Connection) => void>();
  readonly ended = vi.fn<(connection: Connection, wasOpen: boolean) => void>();
  readonly measured = vi.fn<(connection: Connection, roundTripMs: number) => void>();
  readonly fellSilent = vi.fn<(connection: Connection) => void>();
  isIdle(connection: Connection): boolean {
    return this.idle.has(connection) && connection.state === 'open';
  }

  inView = false;
  isInView(): boolean {
    return this.inView;
  }

  readonly taken = vi.fn<(connection: Connection) => void>();
  readonly described = vi.fn<(connection: Connection) => void>();
  readonly opened = vi.fn<(connection: Connection) => void>();
}

const nextTask = new NextTask();
afterEach(() => vi.restoreAllMocks());
beforeEach(() => {
  now = 0;
  orders = [];
  pool = new ConnectionPool(
    (order) => orders.push(order),
    nextTask,
    () => now,
  );
});

function closed(): LinkId[] {
  return orders.filter(({ kind }) => kind === 'close').map(({ link }) => link);
}

function offered(owner: ConnectionOwner): Connection {
  const connection = pool.offer(owner)!;
  pool.report({ kind: 'description', link: connection.id, type: 'offer', sdp: 'v=0' });
  pool.sent(connection, `offer ${connection.id}`, 'ws://tracker');
  return connection;
}

test('a page makes twelve offers, and keeps room to answer eight more', () => {
  const owner = new Owner();
  for (let i = 0; i < 12; i++) offered(owner);
  expect(pool.offer(owner)).toBeNull();
  for (let i = 0; i < 8; i++) expect(pool.answer(owner, 'v=0')).not.toBeNull();
  expect(owner.taken).not.toHaveBeenCalled();
});

test('a link without an offer gets one of a link that has several, and each keeps one', () => {
  const [nobodys, opened] = [new Owner(), new Owner()];
  for (let i = 0; i < 12; i++) offered(nobodys);
  const given = offered(opened);
  expect(given.owner).toBe(opened);
  expect(nobodys.taken.mock.calls).toEqual([[given]]);
  expect(pool.offer(opened)).toBeNull();
  expect(closed()).toEqual([]);

  // With twelve links that have one each, the next one waits.
  for (let i = 0; i < 10; i++) offered(new Owner());
  expect(pool.offer(new Owner())).toBeNull();
});

test('what somebody looks at makes four more offers, takes none of others, and leaves room to answer', () => {
  const others = Array.from({ length: 12 }, () => new Owner());
  for (const owner of others) offered(owner);
  const looked = new Owner();
  looked.inView = true;
  for (let i = 0; i < 4; i++) expect(offered(looked).owner).toBe(looked);
  expect([pool.offer(looked), pool.offer(new Owner())]).toEqual([null, null]);
  for (const owner of others) expect(owner.taken).not.toHaveBeenCalled();
  for (let i = 0; i < 4; i++) expect(pool.answer(looked, 'v=0')).not.toBeNull();
  expect(closed()).toEqual([]);
});

test('a link without an offer gets a new one in the place of one whose addresses are old', () => {
  const nobodys = new Owner();
  const old = Array.from({ length: 12 }, () => offered(nobodys));
  now = 45_000;
  // Sent once more, and unanswered since.
  for (const connection of old) {
    expect(pool.offer(nobodys)).toBe(connection);
    pool.sent(connection, `again ${connection.id}`, 'ws://tracker');
  }
  now = 65_000;
  const made = pool.offer(new Owner());
  expect([made?.state, made !== null && old.includes(made)]).toEqual(['gathering', false]);
  expect(closed()).toEqual([old[0]?.id]);
  expect(nobodys.taken).toHaveBeenLastCalledWith(old[0]);
});

test('further connections have a budget of their own, of offers and answers together', () => {
  const owner = new Owner();
  for (let i = 0; i < 60; i++) expect(pool.offerFurther(owner)).not.toBeNull();
  for (let i = 0; i < 4; i++) expect(pool.answerFurther(owner, 'v=0')).not.toBeNull();
  expect([pool.offerFurther(owner), pool.answerFurther(owner, 'v=0')]).toEqual([null, null]);
  expect([pool.room, pool.offer(owner) === null]).toEqual([60, false]);
});

test('an offer of a further connection is never sent to somebody else', () => {
  const owner = new Owner();
  const further = pool.offerFurther(owner)!;
  pool.report({ kind: 'description', link: further.id, type: 'offer', sdp: 'v=0' });
  pool.sent(further, 'connection 1', '');
  now = 20_000;
  expect(pool.offer(owner)!.id).not.toBe(further.id);
});

test('when the budget is full, an answer replaces the oldest unanswered offer', () => {
  const owner = new Owner();
  const oldest = offered(owner);
  now = 100;
  for (let i = 0; i < 11; i++) offered(owner);
  for (let i = 0; i < 8; i++) pool.answer(owner, 'v=0');
  expect(pool.answer(owner, 'v=0')).not.toBeNull();
  expect(owner.taken.mock.calls).toEqual([[oldest]]);
  expect(closed()).toEqual([oldest.id]);
});

test('an offer unanswered for 10 s is reused for the next torrent', () => {
  const first = new Owner();
  const second = new Owner();
  const connection = offered(first);
  now = 9_999;
  expect(pool.offer(second)).not.toBe(connection);
  now = 10_000;
  expect(pool.offer(second)).toBe(connection);
  expect(first.taken.mock.calls).toEqual([[connection]]);
  expect([connection.owner, connection.state, connection.offerId]).toEqual([second, 'ready', '']);
});

test('an unanswered offer ends after 50 s, a connection that does not open after 25 s', () => {
  const owner = new Owner();
  const unanswered = offered(owner);
  const answered = offered(owner);
  pool.accept(answered, 'v=0');
  pool.report({ kind: 'checking', link: answered.id });
  expect(pool.wakeAt()).toBe(25_000);
  now = 25_000;
  pool.advance(now);
  expect(owner.ended.mock.calls).toEqual([[answered, false]]);
  now = 50_000;
  pool.advance(now);
  expect(owner.ended.mock.calls.at(-1)).toEqual([unanswered, false]);
  expect(closed()).toEqual([answered.id, unanswered.id]);
  expect(pool.wakeAt()).toBe(Infinity);
});

test('at 60 connections there is no room, and one that ends makes room', () => {
  const owner = new Owner();
  const connections: Connection[] = [];
  for (let i = 0; i < 60; i++) {
    const connection = pool.answer(owner, 'v=0')!;
    pool.report({ kind: 'channel', link: connection.id, channel: newChannel() });
    connections.push(connection);
    if (i % 10 === 9) openAll();
  }
  expect(pool.room).toBe(0);
  expect([pool.offer(owner), pool.answer(owner, 'v=0')]).toEqual([null, null]);
  pool.report({ kind: 'closed', link: connections[0]!.id, code: 'iceFailed', detail: '' });
  expect(owner.ended.mock.calls).toEqual([[connections[0], true]]);
  expect(pool.answer(owner, 'v=0')).not.toBeNull();
});

test('a full page closes its oldest idle link for a new one', () => {
  const owner = new Owner();
  const connections: Connection[] = [];
  for (let i = 0; i < 60; i++) {
    now = i;
    const connection = pool.answer(owner, 'v=0')!;
    pool.report({ kind: 'channel', link: connection.id, channel: newChannel() });
    connections.push(connection);
    openAll();
  }
  for (const at of [3, 1, 2]) owner.idle.add(connections[at]!);
  expect(pool.room).toBe(3);
  expect(pool.answer(owner, 'v=0')).not.toBeNull();
  expect(owner.evicted.mock.calls).toEqual([[connections[1]]]);
  expect(closed()).toEqual([connections[1]!.id]);
});

test('a link that falls silent tells its owner at once, and offers from before are dropped', () => {
  const owner = new Owner();
  const link = pool.answer(owner, 'v=0')!;
  const further = pool.answerFurther(owner, 'v=0')!;
  for (const { id } of [link, further]) pool.report({ kind: 'channel', link: id, channel: newChannel() });
  pool.report({ kind: 'silent', link: link.id });
  expect(owner.fellSilent).not.toHaveBeenCalled();
  openAll();
  const old = offered(owner);
  now = 6000;
  const young = offered(owner);
  for (const { id } of [further, link]) pool.report({ kind: 'silent', link: id });
  expect(owner.fellSilent.mock.calls).toEqual([[link]]);
  expect(closed()).toEqual([old.id]);
  expect([link.state, young.state]).toEqual(['open', 'offered']);
});

test('the round trip of an open link is measured and told to its owner, that of a further connection is not measured', () => {
  const owner = new Owner();
  const [link, further] = [pool.answer(owner, 'v=0')!, pool.answerFurther(owner, 'v=0')!];
  for (const { id } of [link, further]) pool.report({ kind: 'channel', link: id, channel: newChannel() });
  openAll();
  expect(orders.flatMap((order) => (order.kind === 'opened' ? [[order.link, order.isMeasured]] : []))).toEqual([
    [link.id, true],
    [further.id, false],
  ]);
  pool.report({ kind: 'roundTrip', link: link.id, ms: 40 });
  expect(owner.measured.mock.calls).toEqual([[link, 40]]);
});

test('a channel that arrives for an ended connection is closed', () => {
  const connection = pool.offer(new Owner())!;
  pool.close(connection);
  const channel = newChannel();
  pool.report({ kind: 'channel', link: connection.id, channel });
  expect(channel.readyState).toBe('closed');
});

/** The part of a channel that the budget uses; opened by `openAll`. */
function newChannel(): RTCDataChannel {
  const channel = { readyState: 'connecting', bufferedAmount: 0, close: () => (channel.readyState = 'closed') };
  channels.push(channel as unknown as RTCDataChannel);
  return channel as unknown as RTCDataChannel;
}

const channels: RTCDataChannel[] = [];

function openAll(): void {
  for (const channel of channels.splice(0)) channel.onopen?.(new Event('open'));
}

test('no idle link is closed for an offer that is not answered', () => {
  const owner = new Owner();
  for (let count = 0; count < 52; count++) {
    const connection = pool.answer(owner, 'offer')!;
    connection.state = 'open';
    owner.idle.add(connection);
  }
  for (let count = 0; count < 12; count++) pool.offer(owner);
  for (let count = 0; count < 8; count++) expect(pool.answer(owner, 'offer')).not.toBeNull();
  expect(pool.answer(owner, 'offer')).toBeNull();
  expect(owner.evicted).not.toHaveBeenCalled();
});
