import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LinkId } from '../../../shared/ids.ts';
import type { Event as TorrentEvent } from '../../../shared/swarm/events.ts';
import { encode } from '../../../shared/wire/encoder.ts';
import type { WireMessage } from '../../../shared/wire/messages.ts';
import { relay } from '../../rtc/relay.ts';
import { ChannelLink, type Channel } from './channel-link.ts';
import { NextTask } from './next-task.ts';
import { RelayChannel } from './relay-channel.ts';

/**
 * A channel whose network takes bytes when told to, with back-pressure as RTCDataChannel has it, which no channel in Node offers (@roamhq/wrtc
 * knows no `bufferedAmountLowThreshold`). Real channels are in connector.test.ts and in the browser tests.
 */
class SlowChannel extends EventTarget {
  binaryType = 'arraybuffer';
  readyState: Channel['readyState'] = 'open';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onopen: Channel['onopen'] = null;
  onmessage: Channel['onmessage'] = null;
  onbufferedamountlow: Channel['onbufferedamountlow'] = null;
  onclosing: Channel['onclosing'] = null;
  onclose: Channel['onclose'] = null;
  readonly sent: Uint8Array[] = [];

  send(bytes: Uint8Array): void {
    this.sent.push(bytes.slice());
    this.bufferedAmount += bytes.length;
  }

  take(bytes: number): void {
    const before = this.bufferedAmount;
    this.bufferedAmount = Math.max(0, before - bytes);
    if (before > this.bufferedAmountLowThreshold && this.bufferedAmount <= this.bufferedAmountLowThreshold) {
      this.onbufferedamountlow?.(undefined as never);
      this.dispatchEvent(new Event('bufferedamountlow'));
    }
  }

  close(): void {
    this.readyState = 'closed';
  }
}

const nextTask = new NextTask();

function linkOver(
  channel: Channel,
  now = () => performance.now(),
): {
  link: ChannelLink;
  drained: number[];
  received: Uint8Array[];
  closed: string[];
  opened: () => boolean;
} {
  const drained: number[] = [];
  const received: Uint8Array[] = [];
  const closed: string[] = [];
  let open = false;
  const options = { id: 1 as LinkId, channel, nextTask, now };
  const link = new ChannelLink(options, {
    opened: () => (open = true),
    closed: (detail) => closed.push(detail),
  });
  const feed = (event: TorrentEvent): void => {
    if (event.kind === 'bytes') received.push(event.bytes);
    if (event.kind === 'drained') drained.push(event.bytes);
  };
  link.attach(feed, link.id, 0);
  return { link, drained, received, closed, opened: () => open };
}

function bytesOf(parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts);
}

/** Waits until microtasks and the next task have run. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

const block = Uint8Array.from({ length: 16_384 }, (_, i) => i * 7);

/** A link whose first bytes, which go in small messages, are sent. */
function runningLinkOver(channel: SlowChannel): ReturnType<typeof linkOver> {
  const over = linkOver(channel);
  for (let i = 0; i < 8; i++) over.link.sendBlock(0, i * 16_384, block);
  over.link.flush();
  channel.sent.length = 0;
  return over;
}

test('messages of one turn share a channel message, in order', () => {
  const channel = new SlowChannel();
  const { link } = runningLinkOver(channel);
  link.send({ type: 'unchoke' });
  link.sendBlock(3, 16_384, block);
  link.send({ type: 'have', piece: 9 });
  expect(channel.sent).toEqual([]);
  link.flush();
  expect(channel.sent.length).toBe(1);
  const piece: WireMessage = { type: 'piece', piece: 3, begin: 16_384, block };
  expect(bytesOf(channel.sent)).toEqual(bytesOf([encode({ type: 'unchoke' }), encode(piece), encode({ type: 'have', piece: 9 })]));
});

test('messages that nobody flushes go out together in the next task', async () => {
  const channel = new SlowChannel();
  const { link } = runningLinkOver(channel);
  for (let i = 0; i < 3; i++) {
    await Promise.resolve();
    link.sendBlock(0, i * 16_384, block);
  }
  await turn();
  expect(channel.sent.map(({ length }) => length)).toEqual([3 * 16_397]);
});

test('four blocks fill a message', () => {
  const channel = new SlowChannel();
  const { link } = runningLinkOver(channel);
  for (let i = 0; i < 10; i++) link.sendBlock(0, i * 16_384, block);
  link.flush();
  expect(channel.sent.map(({ length }) => length)).toEqual([65_588, 65_588, 32_794]);
});

test('one of many connections gets two blocks at a time, when 16 KiB of those before are left', async () => {
  const channel = new SlowChannel();
  const { link, drained } = runningLinkOver(channel);
  channel.take(8 * 20_000);
  await turn();
  drained.length = 0;
  link.shareQueue(16);
  link.sendBlock(0, 0, block);
  expect(link.fitsBlock(block.length)).toBe(true);
  link.sendBlock(0, 16_384, block);
  expect(link.fitsBlock(block.length)).toBe(false);
  link.flush();
  await turn();
  expect(drained).toEqual([]);
  channel.take(17_000);
  expect(drained).toEqual([2 * 16_384]);
});

test('a queue that is below low water once fewer connections share it counts as drained', async () => {
  const channel = new SlowChannel();
  const { link, drained } = runningLinkOver(channel);
  channel.take(8 * 20_000);
  await turn();
  drained.length = 0;
  link.shareQueue(4);
  for (let at = 0; at < 9; at++) link.sendBlock(0, at * 16_384, block);
  link.flush();
  await turn();
  expect(drained).toEqual([]);
  // 147 kB wait: more than a fourth of 512 KiB, less than a third. Nothing more is sent before they are drained.
  link.shareQueue(3);
  await turn();
  expect(drained).toEqual([9 * 16_384]);
});

test('the first 64 KiB, and as many after a pause, go in messages of four packets', () => {
  const channel = new SlowChannel();
  let now = 0;
  const { link } = linkOver(channel, () => now);
  const lengths = (): number[] => {
    channel.sent.length = 0;
    for (let i = 0; i < 8; i++) link.sendBlock(0, i * 16_384, block);
    link.flush();
    return channel.sent.map(({ length }) => length);
  };
  expect(lengths()).toEqual([...Array.from({ length: 14 }, () => 4600), 1188, 4600, 60_988]);
  now = 900;
  expect(lengths()).toEqual([65_588, 65_588]);
  now = 2000;
  expect(lengths().length).toBeGreaterThan(15);
});

test('any messages arrive as encoded, in channel messages of about 64 KiB at most', () => {
  const message = fc.oneof(
    fc.constant<WireMessage>({ type: 'keepAlive' }),
    fc.record({ type: fc.constant('have' as const), piece: fc.nat(1000) }),
    fc.nat(300_000).map((length): WireMessage => ({ type: 'bitfield', bits: new Uint8Array(length).fill(length) })),
    fc.nat(140_000).map((length): WireMessage => ({ type: 'piece', piece: 1, begin: 2, block: new Uint8Array(length).fill(length) })),
    fc.constant('flush' as const),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
      const channel = new SlowChannel();
      const { link } = linkOver(channel);
      for (const next of messages) {
        if (next === 'flush') link.flush();
        else if (next.type === 'piece') link.sendBlock(next.piece, next.begin, next.block);
        else link.send(next);
      }
      link.flush();
      const expected = messages.filter((next) => next !== 'flush').map((next) => encode(next));
      expect(bytesOf(channel.sent).equals(bytesOf(expected))).toBe(true);
      for (const { length } of channel.sent) expect(length).toBeLessThan(66_000);
    }),
    { numRuns: 50 },
  );
});

test('blocks count as drained at once while little is queued, later only when the queue falls below low water', async () => {
  const channel = new SlowChannel();
  const { link, drained } = linkOver(channel);
  link.sendBlock(0, 0, block);
  link.flush();
  await turn();
  expect(drained).toEqual([16_384]);
  for (let i = 0; i < 64; i++) link.sendBlock(1, i * 16_384, block);
  link.flush();
  await turn();
  expect(drained).toEqual([16_384]);
  channel.take(400 * 1024);
  expect(drained).toEqual([16_384]);
  channel.take(200 * 1024);
  expect(drained).toEqual([16_384, 64 * 16_384]);
});

test('with at most 1 MiB undrained, the queue stays under 2 MB and the sender never stalls', async () => {
  const channel = new SlowChannel();
  const { link, drained } = linkOver(channel);
  const budgetBytes = 1 << 20;
  let sentBytes = 0;
  for (let round = 0; round < 200; round++) {
    while (sentBytes - drained.reduce((sum, bytes) => sum + bytes, 0) + block.length <= budgetBytes) {
      link.sendBlock(0, 0, block);
      sentBytes += block.length;
    }
    link.flush();
    await Promise.resolve();
    expect(channel.bufferedAmount).toBeLessThan(2_000_000);
    expect(channel.bufferedAmount).toBeGreaterThan(0);
    channel.take(50_000);
  }
});

test('a peer that never reads is disconnected', () => {
  const channel = new SlowChannel();
  const { link, closed } = linkOver(channel);
  for (let i = 0; i < 1000; i++) link.send({ type: 'extended', id: 2, payload: block });
  expect(closed).toEqual(['the other side does not read']);
  expect(channel.readyState).toBe('closed');
  expect(channel.bufferedAmount).toBeLessThan(13 * 1024 * 1024);
});

test('messages that arrive before the open event of the channel are delivered after it', async () => {
  const channel = new SlowChannel();
  channel.readyState = 'connecting';
  const { received, opened } = linkOver(channel);
  channel.onmessage?.({ data: Uint8Array.of(1, 2).buffer } as never);
  expect([opened(), received]).toEqual([false, []]);
  channel.onopen?.(undefined as never);
  channel.onmessage?.({ data: Uint8Array.of(3).buffer } as never);
  expect([opened(), bytesOf(received)]).toEqual([true, Buffer.of(1, 2, 3)]);
});

test('a text message closes the link', async () => {
  const channel = new SlowChannel();
  const { closed } = linkOver(channel);
  await turn();
  channel.onmessage?.({ data: 'hello' } as never);
  expect(closed).toEqual(['a message that is not binary']);
});

test('a closed link sends and delivers nothing', async () => {
  const channel = new SlowChannel();
  const { link, closed, received, opened } = linkOver(channel);
  const listener = channel.onmessage;
  link.send({ type: 'unchoke' });
  link.close();
  link.send({ type: 'choke' });
  link.flush();
  listener?.({ data: new ArrayBuffer(4) } as never);
  await turn();
  expect([channel.sent, closed, received, opened()]).toEqual([[], [], [], false]);
});

/** The page's half of a relay, the Worker's half, and a link on it, with a real port between them. */
function relayed(): { channel: SlowChannel } & ReturnType<typeof linkOver> {
  const channel = new SlowChannel();
  channel.readyState = 'connecting';
  const { port1, port2 } = new MessageChannel();
  relay(channel as unknown as RTCDataChannel, port1);
  const over = linkOver(new RelayChannel(port2));
  channel.readyState = 'open';
  channel.dispatchEvent(new Event('open'));
  return { channel, ...over };
}

test('a relayed link carries the same bytes both ways', async () => {
  const { channel, link, received, opened } = relayed();
  await turn();
  expect(opened()).toBe(true);
  link.sendBlock(3, 0, block);
  link.flush();
  channel.dispatchEvent(new MessageEvent('message', { data: block.slice().buffer }));
  await turn();
  expect(bytesOf(channel.sent)).toEqual(bytesOf([encode({ type: 'piece', piece: 3, begin: 0, block })]));
  expect(bytesOf(received)).toEqual(bytesOf([block]));
});

test('a relayed link gets the back-pressure of the channel on the page', async () => {
  const { channel, link, drained } = relayed();
  await turn();
  for (let i = 0; i < 64; i++) link.sendBlock(0, i * 16_384, block);
  link.flush();
  await turn();
  expect(drained).toEqual([]);
  channel.take(900 * 1024);
  await turn();
  expect(drained).toEqual([64 * 16_384]);
});

test('what one of many relayed connections has sent counts as drained', async () => {
  const { channel, link, drained } = relayed();
  await turn();
  link.shareQueue(16);
  for (let i = 0; i < 2; i++) link.sendBlock(0, i * 16_384, block);
  link.flush();
  await turn();
  expect(drained).toEqual([]);
  while (channel.bufferedAmount > 0) channel.take(1200);
  await turn();
  expect(drained).toEqual([2 * 16_384]);
});

test('a relayed link ends when either side ends', async () => {
  const theirs = relayed();
  await turn();
  theirs.channel.dispatchEvent(new Event('close'));
  await turn();
  expect(theirs.closed).toEqual(['closed by the other side']);
  const ours = relayed();
  await turn();
  ours.link.close();
  await turn();
  expect([ours.channel.readyState, ours.closed]).toEqual(['closed', []]);
});
