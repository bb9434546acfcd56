import { expect, test } from 'vitest';
import type { LinkId } from '../../../shared/ids.ts';
import type { Event } from '../../../shared/swarm/events.ts';
import type { RtcOrder } from '../../bridge/protocol.ts';
import { ChannelLink, type Channel } from '../links/channel-link.ts';
import { NextTask } from '../links/next-task.ts';
import { ConnectionPool } from './connection-pool.ts';
import { MultiLink } from './multi-link.ts';

/** A channel whose network takes everything at once. */
class QuickChannel implements Channel {
  binaryType = 'arraybuffer';
  readyState: Channel['readyState'] = 'connecting';
  readonly bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onopen: Channel['onopen'] = null;
  onmessage: Channel['onmessage'] = null;
  onbufferedamountlow: Channel['onbufferedamountlow'] = null;
  onclosing: Channel['onclosing'] = null;
  onclose: Channel['onclose'] = null;
  sentBytes = 0;

  send(bytes: Uint8Array): void {
    this.sentBytes += bytes.length;
  }

  open(): void {
    this.readyState = 'open';
    this.onopen?.(undefined as never);
  }

  close(): void {
    this.readyState = 'closed';
  }
}

/** A link with three open connections. */
function threefold() {
  const orders: RtcOrder[] = [];
  const events: Event[] = [];
  const nextTask = new NextTask();
  const now = (): number => 0;
  const pool = new ConnectionPool((order) => orders.push(order), nextTask, now);
  const channels = Array.from({ length: 3 }, () => new QuickChannel());
  const ignored = { opened: (): void => undefined, closed: (): void => undefined };
  const first = new ChannelLink({ id: 100 as LinkId, channel: channels[0]!, nextTask, now }, ignored);
  channels[0]!.open();
  const link = new MultiLink(first, pool, (event) => events.push(event));
  link.setConnections(3);
  for (const [at, { link: id }] of orders.splice(0).entries()) {
    pool.report({ kind: 'description', link: id, type: 'offer', sdp: 'v=0' });
    link.signalled({ connection: at + 1, type: 'answer', sdp: 'v=0' });
    pool.report({ kind: 'channel', link: id, channel: channels[at + 1]! as Channel as RTCDataChannel });
    channels[at + 1]!.open();
  }
  const openCounts = (): number[] => events.flatMap((event) => (event.kind === 'connectionsOpen' ? [event.count] : []));
  return { link, channels, openCounts };
}

test('blocks go round among connections of which none has more queued than another', () => {
  const { link, channels } = threefold();
  const block = new Uint8Array(16 * 1024);
  for (let piece = 0; piece < 24; piece++) link.sendBlock(piece, 0, block);
  link.flush();
  expect(channels.map(({ sentBytes }) => sentBytes)).toEqual(Array.from({ length: 3 }, () => 8 * (13 + block.length)));
});

test('connections that we close ourselves are not counted as open any more', () => {
  const { link, openCounts } = threefold();
  expect(openCounts().at(-1)).toBe(3);
  link.setConnections(2);
  expect(openCounts().at(-1)).toBe(2);
  link.setConnections(1);
  expect(openCounts().at(-1)).toBe(1);
});
