import { expect, test } from 'vitest';
import { fromHex, toBinaryString } from '../../../shared/bytes.ts';
import type { InfoHash, LinkId, Milliseconds, PeerId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import type { Announce } from '../../../shared/tracker/client-messages.ts';
import { readClientFrame } from '../../../signal-tracker/codec/client-frame.ts';
import type { RtcOrder } from '../../bridge/protocol.ts';
import type { ConnectionOwner } from './connection.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { Channel } from '../links/channel-link.ts';
import { NextTask } from '../links/next-task.ts';
import type { SwarmListener } from '../interfaces.ts';
import { Bans } from './peer-history.ts';
import { TorrentSwarm } from './torrent-swarm.ts';
import { TrackerClient } from './tracker-client.ts';

// One swarm with its real pool, announcer and tracker client on a clock that the test moves. The test plays the page and the trackers, and
// reads announces with the tracker's own reader.

const infoHash = 'aa'.repeat(20);
const bob = 'bb'.repeat(20);
const cat = 'cc'.repeat(20);
const urls = ['ws://one', 'ws://two'] as const;
const connectMs = 25_000;
const intervalMs = 120_000;

/** An announce waits this long for offers at most. */
const gatheredMs = 2000;

/** The tracker's end of a socket. */
class Line {
  readonly announces: Announce[] = [];
  readonly OPEN = 1;
  readonly readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  send(text: string): void {
    const message = readClientFrame(Buffer.from(text), false);
    if (message.kind === 'announce') this.announces.push(message);
  }

  close(): void {
    this.onmessage = null;
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify({ action: 'announce', info_hash: binary(infoHash), ...message }) });
  }

  get reported(): readonly (readonly string[] | undefined)[] {
    return this.announces.map(({ unreachable }) => unreachable);
  }
}

/** The page's end of a link; its network takes nothing once it is `full`. */
class QuietChannel implements Channel {
  binaryType = '';
  readonly readyState = 'open';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onopen: Channel['onopen'] = null;
  onmessage: Channel['onmessage'] = null;
  onbufferedamountlow: Channel['onbufferedamountlow'] = null;
  onclosing: Channel['onclosing'] = null;
  onclose: Channel['onclose'] = null;

  set full(full: boolean) {
    this.bufferedAmount = full ? 100_000 : 0;
  }

  send(): void {
    this.full = true;
  }

  close(): void {
    this.onmessage = null;
  }

  hear(): void {
    this.onmessage?.({ data: new ArrayBuffer(4) } as never);
  }
}

const binary = (hex: string): string => toBinaryString(fromHex(hex));
const sdpOf = (digit: string): string => `v=0\r\na=fingerprint:sha-256 ${Array(32).fill(digit).join(':')}\r\n`;
const ignored = (): undefined => undefined;
const nobody: SwarmListener = { feed: ignored, opened: ignored, closed: ignored, changed: ignored };

const owner: ConnectionOwner = {
  described: ignored,
  opened: ignored,
  ended: ignored,
  evicted: ignored,
  taken: ignored,
  isIdle: () => false,
};

class Stage {
  readonly lines = new Map<string, Line>();
  readonly orders: RtcOrder[] = [];
  readonly pool: ConnectionPool;
  readonly swarm: TorrentSwarm;
  now: Milliseconds = 0;
  readonly closed: LinkId[] = [];
  /** Whether the page learns the addresses of who it connects to. */
  knowsAddresses = true;
  #offers = 0;

  /** `inView`: somebody looks at it. `others`: torrents that have an offer each already. */
  constructor({ inView = false, others = 0 } = {}) {
    const openSocket = (url: string): WebSocket => {
      const line = new Line();
      this.lines.set(url, line);
      return line as unknown as WebSocket;
    };
    const random = seededRandom(1);
    this.pool = new ConnectionPool(
      (order) => this.orders.push(order),
      new NextTask(),
      () => this.now,
    );
    for (let other = 0; other < others; other++) {
      const { id } = this.pool.offer({ ...owner })!;
      this.pool.report({ kind: 'description', link: id, type: 'offer', sdp: 'v=0' });
    }
    const transferred = () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 1000 });
    this.swarm = new TorrentSwarm(
      { infoHash: infoHash as InfoHash, trackers: urls, complete: false, transferred, isInView: () => inView, listener: nobody },
      {
        peerId: '11'.repeat(20) as PeerId,
        pool: this.pool,
        trackers: new TrackerClient(random, openSocket),
        random,
        now: () => this.now,
        banned: new Bans(),
        newOfferId: () => `offer ${++this.#offers}`,
        touched: ignored,
        left: ignored,
      },
    );
    for (const line of this.lines.values()) line.onopen?.();
    this.advance(gatheredMs);
  }

  /** Moves the clock, does what is due, and lets every tracker reply. */
  advance(ms: number): void {
    this.now += ms;
    this.pool.advance(this.now);
    this.swarm.advance(this.now);
    this.#describe();
    this.swarm.advance(this.now);
    for (const line of this.lines.values()) line.say({ interval: 120, complete: 1, incomplete: 1 });
  }

  /**
   * A peer's offer arrives through this tracker, with a certificate made of `digit`; our own peers have one for all connections. Returns the
   * link that answers it, or `null`.
   */
  introduce(url: string, peer: string, digit = peer.slice(0, 2)): LinkId | null {
    const offer = { type: 'offer', sdp: sdpOf(digit) };
    this.lines.get(url)!.say({ peer_id: binary(peer), offer, offer_id: `of ${peer.slice(0, 2)}` });
    const answer = this.orders.find(({ kind }) => kind === 'answer');
    this.#describe();
    return answer?.link ?? null;
  }

  /** The connection opens. */
  async open(link: LinkId): Promise<QuietChannel> {
    const channel = new QuietChannel();
    this.pool.report({ kind: 'channel', link, channel: channel as unknown as RTCDataChannel });
    await Promise.resolve();
    return channel;
  }

  /** Lets one more announce go to each tracker. */
  announce(): void {
    this.advance(intervalMs);
    this.advance(gatheredMs);
  }

  /** The page makes every description that was ordered. */
  #describe(): void {
    for (const order of this.orders.splice(0)) {
      if (order.kind === 'close') this.closed.push(order.link);
      if (order.kind !== 'offer' && this.knowsAddresses) this.pool.report({ kind: 'checking', link: order.link });
      if (order.kind !== 'offer' && order.kind !== 'answer') continue;
      this.pool.report({ kind: 'description', link: order.link, type: order.kind, sdp: 'v=0' });
    }
  }
}

test('what somebody looks at announces offers at once, also where other torrents have used up all of theirs', () => {
  const offersOf = (stage: Stage): number => {
    stage.advance(100);
    return stage.lines.get(urls[0])!.announces.reduce((sum, { offers }) => sum + offers.length, 0);
  };
  expect(offersOf(new Stage({ others: 12 }))).toBe(0);
  expect(offersOf(new Stage({ others: 12, inView: true }))).toBeGreaterThan(0);
});

test('a peer whose connection never opened is reported once, in the next announce to the tracker that introduced it', () => {
  const stage = new Stage();
  stage.introduce(urls[0], bob);
  stage.introduce(urls[1], cat);
  const [one, two] = urls.map((url) => stage.lines.get(url)!);
  const before = [one!.announces.length, two!.announces.length];
  stage.announce();
  stage.announce();
  expect(one!.reported.slice(before[0])).toEqual([[binary(bob)], []]);
  expect(two!.reported.slice(before[1])).toEqual([[binary(cat)], []]);
});

test('a peer whose addresses are not found is asked for again after 1.5 s, and only once', () => {
  const stage = new Stage();
  stage.knowsAddresses = false;
  stage.advance(intervalMs);
  const line = stage.lines.get(urls[0])!;
  for (const announces of [1, 0]) {
    stage.introduce(urls[0], bob);
    const before = line.announces.length;
    stage.advance(1499);
    stage.advance(1);
    stage.advance(500);
    const made = line.announces.slice(before);
    expect(made.map(({ unreachable, offers }) => [unreachable, offers.length > 0])).toEqual(
      Array.from({ length: announces }, () => [[binary(bob)], true]),
    );
  }
});

test('the second answer of a peer whose addresses were not found replaces the first attempt', () => {
  const stage = new Stage();
  stage.knowsAddresses = false;
  const line = stage.lines.get(urls[0])!;
  const [first, second] = line.announces.flatMap(({ offers }) => offers);
  const answer = (offer_id: string): void => line.say({ peer_id: binary(bob), answer: { type: 'answer', sdp: sdpOf('bb') }, offer_id });
  answer(first!.offerId);
  stage.advance(1499);
  stage.orders.length = 0;
  answer(second!.offerId);
  // Still young: the second one is not needed.
  expect(stage.orders.map(({ kind }) => kind)).toEqual(['close']);
  const [, , third] = line.announces.flatMap(({ offers }) => offers);
  stage.advance(1);
  stage.orders.length = 0;
  answer(third!.offerId);
  expect(stage.orders.map(({ kind }) => kind)).toEqual(['close', 'accept']);
});

test('nobody is asked for again where an address was tried, or where another attempt is under way', () => {
  const stage = new Stage();
  stage.advance(intervalMs);
  const line = stage.lines.get(urls[0])!;
  stage.introduce(urls[0], bob);
  const before = line.announces.length;
  stage.advance(2000);
  stage.knowsAddresses = false;
  stage.introduce(urls[0], cat);
  stage.advance(1000);
  stage.introduce(urls[1], cat);
  const [offer] = line.announces.flatMap(({ offers }) => offers).slice(-1);
  line.say({ peer_id: binary(cat), answer: { type: 'answer', sdp: sdpOf('cc') }, offer_id: offer!.offerId });
  stage.advance(1000);
  expect(line.announces.length).toBe(before);
});

test('a failed connection from our own answered offer is reported; an unanswered offer is not', () => {
  const stage = new Stage();
  const one = stage.lines.get(urls[0])!;
  const [first] = one.announces.flatMap(({ offers }) => offers);
  one.say({ peer_id: binary(bob), answer: { type: 'answer', sdp: 'v=0' }, offer_id: first!.offerId });
  const before = one.announces.length;
  stage.announce();
  expect(one.reported[before]).toEqual([binary(bob)]);
  expect(stage.lines.get(urls[1])!.reported.flat()).toEqual([]);
});

test('nothing is reported on leaving, or after the network changed', () => {
  const stage = new Stage();
  stage.introduce(urls[0], bob);
  stage.pool.advance((stage.now += connectMs));
  stage.swarm.online();
  stage.announce();
  stage.introduce(urls[0], cat);
  const line = stage.lines.get(urls[0])!;
  stage.pool.advance((stage.now += connectMs));
  stage.swarm.stop();
  expect(line.announces.at(-1)).toMatchObject({ event: 'stopped' });
  expect(line.reported.flat()).toEqual([]);
});

test('after a link fell silent no offer from before is used: our address may be another', async () => {
  const stage = new Stage();
  const link = stage.introduce(urls[0], bob)!;
  await stage.open(link);
  stage.orders.length = 0;
  stage.now += 12_000;
  stage.pool.report({ kind: 'closed', link, code: 'disconnected', detail: '' });
  const closed = stage.orders.filter(({ kind }) => kind === 'close').length;
  expect(closed).toBeGreaterThan(0);
  // The next announce needs others in their place.
  stage.announce();
  expect(stage.lines.get(urls[0])!.announces.at(-1)!.offers.length).toBeGreaterThan(0);
});

test('a lost link is reported in the next announces until it is replaced', async () => {
  const stage = new Stage();
  const link = stage.introduce(urls[0], bob)!;
  await stage.open(link);
  stage.now += 500;
  const line = stage.lines.get(urls[0])!;
  const before = line.announces.length;
  stage.pool.report({ kind: 'closed', link, code: 'disconnected', detail: '' });
  stage.announce();
  stage.announce();
  await stage.open(stage.introduce(urls[0], bob)!);
  stage.announce();
  expect(line.reported.slice(before)).toEqual([[binary(bob)], [binary(bob)], []]);
});

test('a repeated offer is answered only where the open link is stuck with something to send', async () => {
  const stage = new Stage();
  const channel = await stage.open(stage.introduce(urls[0], bob)!);
  stage.now += 60_000;
  expect(stage.introduce(urls[0], bob)).toBeNull();
  channel.full = true;
  channel.hear();
  stage.now += 1999;
  expect(stage.introduce(urls[0], bob)).toBeNull();
  stage.now += 1;
  expect(stage.introduce(urls[0], bob)).not.toBeNull();
});

test('a repeated offer of a restarted peer is answered; an introduction by a second tracker is not', () => {
  const stage = new Stage();
  const first = stage.introduce(urls[0], bob);
  expect(first).not.toBeNull();
  stage.now += 299;
  for (const url of urls) expect(stage.introduce(url, bob)).toBeNull();
  stage.now += 1;
  const second = stage.introduce(urls[0], bob);
  expect(second).not.toBeNull();
  expect(stage.closed).toEqual([first]);
});

test('idle strangers that fill the page make room after a minute', async () => {
  const stage = new Stage();
  const links: LinkId[] = [];
  for (let i = 0; i < 55; i++) {
    const link = stage.introduce(urls[0], (i + 0x20).toString(16).repeat(20))!;
    links.push(link);
    await stage.open(link);
  }
  stage.now += 59_999;
  expect(stage.introduce(urls[0], bob)).toBeNull();
  stage.now += 1;
  for (const peer of [bob, cat]) {
    const link = stage.introduce(urls[0], peer);
    expect(link).not.toBeNull();
    await stage.open(link!);
  }
});

test('a link under a stolen peer id, introduced by another tracker, does not shut out the owner of the id', async () => {
  const stage = new Stage();
  const thief = stage.introduce(urls[1], bob, 'ee')!;
  (await stage.open(thief)).hear();
  const owner = stage.introduce(urls[0], bob)!;
  expect(owner).not.toBeNull();
  await stage.open(owner);
  expect(stage.closed).toEqual([]);
  stage.swarm.close(owner, 'removed');
  stage.swarm.close(thief, 'wrongPeerId');
  expect(stage.introduce(urls[1], bob, 'ee')).toBeNull();
  expect(stage.introduce(urls[0], bob)).not.toBeNull();
});

test('a peer that two trackers introduce is answered once: its open link proved its certificate', async () => {
  const stage = new Stage();
  await stage.open(stage.introduce(urls[1], bob)!);
  stage.now += 60_000;
  expect(stage.introduce(urls[0], bob)).toBeNull();
});

test("attempts under a stolen id that claim its owner's certificate and never open hold it off once", () => {
  const stage = new Stage();
  expect(stage.introduce(urls[1], bob)).not.toBeNull();
  expect(stage.introduce(urls[0], bob)).toBeNull();
  stage.now += 1000;
  expect(stage.introduce(urls[1], bob)).not.toBeNull();
  expect(stage.introduce(urls[0], bob)).not.toBeNull();
});

test('a link under a stolen id, open since a moment, does not outdo the answer of its owner', async () => {
  const stage = new Stage();
  await stage.open(stage.introduce(urls[1], bob, 'ee')!);
  const line = stage.lines.get(urls[0])!;
  const [offer] = line.announces.flatMap(({ offers }) => offers);
  line.say({ peer_id: binary(bob), answer: { type: 'answer', sdp: sdpOf('bb') }, offer_id: offer!.offerId });
  expect(stage.swarm.connecting).toBe(1);
});
