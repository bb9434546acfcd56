import { createRequire } from 'node:module';
import type { AddressInfo, Socket } from 'node:net';
import { Server } from 'bittorrent-tracker';
import { afterEach, expect, test } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import type { InfoHash, Introduction, LinkId, PeerId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import type { Event } from '../../../shared/swarm/events.ts';
import { startTracker as startOurTracker } from '../../../signal-tracker/compose.ts';
import type { RtcOrder, RtcReport } from '../../bridge/protocol.ts';
import { RtcHost } from '../../rtc/host.ts';
import { Connector } from './connector.ts';
import type { Link, SwarmListener, Swarm } from '../interfaces.ts';

/**
 * The real connector, the real page side and real WebRTC (libwebrtc in Node through @roamhq/wrtc), introduced by the bittorrent-tracker
 * server. Node cannot transfer channels, so all of it goes through the relay.
 */
const wrtc = createRequire(import.meta.url)('@roamhq/wrtc') as Record<string, unknown>;
Object.assign(globalThis, {
  RTCPeerConnection: wrtc['RTCPeerConnection'],
  RTCSessionDescription: wrtc['RTCSessionDescription'],
  RTCIceCandidate: wrtc['RTCIceCandidate'],
});

const infoHash = 'aa'.repeat(20) as InfoHash;
const cleanups: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startTracker(port = 0): Promise<{ url: string; port: number; stop: () => Promise<void> }> {
  const server = new Server({ http: true, udp: false, ws: true, stats: false });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const sockets = new Set<Socket>();
  server.http.on('connection', (socket: Socket) => sockets.add(socket));
  const bound = (server.http.address() as AddressInfo).port;
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  cleanups.push(stop);
  return { url: `ws://127.0.0.1:${bound}`, port: bound, stop };
}

/** One page with its Worker, as far as connections are concerned. */
class Page implements SwarmListener {
  readonly peerId: PeerId;
  readonly connector: Connector;
  readonly host: RtcHost;
  readonly links = new Map<LinkId, { link: Link; initiator: boolean; peerId: PeerId; tracker: string; received: number[] }>();
  readonly orders: RtcOrder[] = [];
  /** Of further connections. */
  readonly bytesByConnection = new Map<number, number>();
  lostConnections = 0;
  drainedBytes = 0;
  swarm: Swarm | null = null;
  other: Page | null = null;
  #watchers: (() => void)[] = [];

  constructor(digit: string) {
    this.peerId = digit.repeat(40) as PeerId;
    this.host = new RtcHost({
      post: (report: RtcReport) => queueMicrotask(() => this.connector.report(report)),
      iceServers: () => [],
      relay: true,
    });
    this.connector = new Connector({
      peerId: this.peerId,
      client: 'Tabswarm 0.1',
      random: seededRandom(Number.parseInt(digit, 16)),
      order: (order) => {
        this.orders.push(order);
        this.host.obey(order);
        this.changed();
      },
      openSocket: (url) => new NodeWebSocket(url) as unknown as WebSocket,
    });
    cleanups.push(() => this.host.close());
  }

  join(trackers: readonly string[], complete: boolean): Swarm {
    const transferred = () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: complete ? 0 : 1000 });
    const swarm = this.connector.join({ infoHash, trackers, complete, transferred, isInView: () => false, listener: this });
    this.swarm = swarm;
    cleanups.push(() => swarm.stop());
    return swarm;
  }

  get peers(): ReadonlySet<PeerId> {
    return new Set([...this.links.values()].map(({ peerId }) => peerId));
  }

  opened(link: Link, { initiator, who }: { initiator: boolean; who: Introduction }): void {
    this.links.set(link.id, { link, initiator, ...who, received: [] });
    this.changed();
  }

  readonly feed = (event: Event): void => {
    if (event.kind === 'bytes') this.links.get(event.link)!.received.push(...event.bytes);
    else if (event.kind === 'connectionBytes') this.#countBytes(event.connection, event.bytes.length);
    // The page at the other end of its only link hears it at once.
    else if (event.kind === 'connectionSignal') this.other!.swarm!.connectionSignal([...this.other!.links.keys()][0]!, event.signal);
    else if (event.kind === 'connectionLost') this.lostConnections++;
    else if (event.kind === 'drained') this.drainedBytes += event.bytes;
    this.changed();
  };

  #countBytes(connection: number, bytes: number): void {
    this.bytesByConnection.set(connection, (this.bytesByConnection.get(connection) ?? 0) + bytes);
  }

  closed(link: LinkId): void {
    this.links.delete(link);
    this.changed();
  }

  changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  /** Resolves when `is` holds; looked at after everything that happens here. */
  until(is: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const watcher = (): void => {
        if (!is()) return;
        this.#watchers = this.#watchers.filter((other) => other !== watcher);
        resolve();
      };
      this.#watchers.push(watcher);
      watcher();
    });
  }
}

test('a leech finds the seed, one link opens, and messages pass both ways', async () => {
  const tracker = await startTracker();
  const seed = new Page('1');
  const leech = new Page('2');
  const seedSwarm = seed.join([tracker.url], true);
  await seed.until(() => seedSwarm.trackers[0]!.state === 'working');
  expect(seed.orders).toEqual([]);
  const leechSwarm = leech.join([tracker.url], false);
  await Promise.all([seed.until(() => seed.links.size === 1), leech.until(() => leech.links.size === 1)]);
  const [atSeed] = [...seed.links.values()];
  const [atLeech] = [...leech.links.values()];
  expect([atSeed!.peerId, atLeech!.peerId]).toEqual([leech.peerId, seed.peerId]);
  expect([leechSwarm.seeds, leechSwarm.leeches]).toEqual([1, 0]);
  atLeech!.link.send({ type: 'interested' });
  atLeech!.link.flush();
  atSeed!.link.send({ type: 'unchoke' });
  atSeed!.link.flush();
  atSeed!.link.sendBlock(7, 16384, Uint8Array.of(1, 2, 3));
  await Promise.all([seed.until(() => atSeed!.received.length >= 5), leech.until(() => atLeech!.received.length >= 21)]);
  expect(atSeed!.received).toEqual([0, 0, 0, 1, 2]);
  expect(atLeech!.received).toEqual([0, 0, 0, 1, 1, 0, 0, 0, 12, 7, 0, 0, 0, 7, 0, 0, 64, 0, 1, 2, 3]);
  expect(seed.drainedBytes).toBe(3);
});

test('two leeches that arrive at the same moment keep one link, the same on both sides', async () => {
  const tracker = await startTracker();
  const low = new Page('3');
  const high = new Page('4');
  low.join([tracker.url], false);
  high.join([tracker.url], false);
  const both = [low, high];
  await Promise.all(both.map((page) => page.until(() => page.links.size === 1)));
  await settled(both);
  expect(both.map(({ links }) => links.size)).toEqual([1, 1]);
  const [atLow] = [...low.links.values()];
  const [atHigh] = [...high.links.values()];
  expect(atLow!.initiator).toBe(!atHigh!.initiator);
  atLow!.link.send({ type: 'haveAll' });
  atLow!.link.flush();
  await high.until(() => atHigh!.received.length === 5);
});

// WebRTC in Node makes a certificate for each connection, as WebTorrent's pages do: two trackers may bring two links to a peer.
test('five peers on two trackers: everybody has a link to everybody, and at most one by each tracker', async () => {
  const trackers = await Promise.all([startTracker(), startTracker()]);
  const pages = ['1', '2', '3', '4', '5'].map((digit) => new Page(digit));
  for (const page of pages) {
    page.join(
      trackers.map(({ url }) => url),
      false,
    );
  }
  await Promise.all(pages.map((page) => page.until(() => page.peers.size === 4)));
  await settled(pages);
  for (const page of pages) {
    expect([...page.peers].toSorted()).toEqual(pages.map(({ peerId }) => peerId).filter((peerId) => peerId !== page.peerId));
    const ways = [...page.links.values()].map(({ peerId, tracker }) => `${peerId} ${tracker}`);
    expect(new Set(ways).size).toBe(ways.length);
  }
});

test('the tracker dies and returns: links live on, and a newcomer finds the swarm', async () => {
  const tracker = await startTracker();
  const seed = new Page('1');
  const leech = new Page('2');
  const swarm = seed.join([tracker.url], true);
  leech.join([tracker.url], false);
  await Promise.all([seed, leech].map((page) => page.until(() => page.links.size === 1)));
  await tracker.stop();
  await seed.until(() => swarm.trackers[0]!.state === 'failing');
  expect(swarm.trackers[0]!.failure).not.toBe('');
  await startTracker(tracker.port);
  const newcomer = new Page('3');
  newcomer.join([tracker.url], false);
  await newcomer.until(() => newcomer.links.size === 2);
  expect([seed.links.size, leech.links.size]).toEqual([2, 2]);
});

test('a link that is lost seconds after the introduction is replaced within seconds', async () => {
  const tracker = await startOurTracker({ port: 0, host: '127.0.0.1' });
  cleanups.push(() => tracker.close());
  const pages = [new Page('1'), new Page('2')];
  for (const [index, page] of pages.entries()) page.join([`ws://127.0.0.1:${tracker.port}`], index === 0);
  await Promise.all(pages.map((page) => page.until(() => page.links.size === 1)));
  await new Promise((resolve) => setTimeout(resolve, 2500));
  pages[0]!.host.close();
  await Promise.all(pages.map((page) => page.until(() => page.links.size === 0)));
  const lostAt = performance.now();
  await Promise.all(pages.map((page) => page.until(() => page.links.size === 1)));
  expect(performance.now() - lostAt).toBeLessThan(20_000);
});

test('an unreachable tracker does no harm beside one that works', async () => {
  const tracker = await startTracker();
  const dead = await startTracker();
  await dead.stop();
  const seed = new Page('1');
  const leech = new Page('2');
  seed.join([dead.url, tracker.url], true);
  const swarm = leech.join([dead.url, tracker.url], false);
  await Promise.all([seed, leech].map((page) => page.until(() => page.links.size === 1)));
  expect(swarm.trackers.map(({ state }) => state)).toEqual(['failing', 'working']);
});

test('nobody connects to a banned peer again; a ban under another tracker is for somebody else', async () => {
  const tracker = await startTracker();
  const page = new Page('1');
  const rogue = new Page('2');
  const other = new Page('3');
  const swarm = page.join([tracker.url], false);
  rogue.join([tracker.url], false);
  await page.until(() => page.links.size === 1);
  swarm.ban({ peerId: rogue.peerId, tracker: 'ws://localhost:1' });
  expect(page.links.size).toBe(1);
  swarm.ban({ peerId: rogue.peerId, tracker: tracker.url });
  expect(page.links.size).toBe(0);
  await rogue.until(() => rogue.links.size === 0);
  rogue.connector.online();
  other.join([tracker.url], false);
  await Promise.all([page.until(() => page.links.size === 1), rogue.until(() => rogue.links.size === 1)]);
  await settled([page, rogue, other]);
  expect([...page.links.values()].map(({ peerId }) => peerId)).toEqual([other.peerId]);
});

test('a seed does not reconnect to a seed, and a stopped peer leaves the tracker', async () => {
  const tracker = await startTracker();
  const first = new Page('1');
  const second = new Page('2');
  const firstSwarm = first.join([tracker.url], false);
  const secondSwarm = second.join([tracker.url], false);
  await Promise.all([first, second].map((page) => page.until(() => page.links.size === 1)));
  await settled([first, second]);
  firstSwarm.setComplete(true);
  secondSwarm.setComplete(true);
  await Promise.any([first.until(() => firstSwarm.seeds === 1), second.until(() => secondSwarm.seeds === 1)]);
  firstSwarm.close([...first.links.keys()][0]!, 'seedToSeed');
  await second.until(() => second.links.size === 0);
  const connections = [first, second].map(({ orders }) => count(orders, 'offer') + count(orders, 'answer'));
  first.connector.online();
  await first.until(() => firstSwarm.trackers[0]!.state === 'connecting');
  await first.until(() => firstSwarm.trackers[0]!.state === 'working');
  await settled([first, second]);
  expect([first, second].map(({ orders }) => count(orders, 'offer') + count(orders, 'answer'))).toEqual(connections);
  firstSwarm.stop();
  second.connector.online();
  await second.until(() => secondSwarm.seeds === 0);
});

test('parallel connections carry blocks only, open up to the number asked for, and close with their link', async () => {
  const tracker = await startTracker();
  const pages = [new Page('1'), new Page('2')];
  for (const page of pages) page.join([tracker.url], false);
  await Promise.all(pages.map((page) => page.until(() => page.links.size === 1)));
  await settled(pages);
  const ours = pages.find((page) => [...page.links.values()][0]!.initiator)!;
  const theirs = pages.find((page) => page !== ours)!;
  ours.other = theirs;
  theirs.other = ours;
  const { link } = [...ours.links.values()][0]!;
  const opened = (page: Page): number => count(page.orders, 'opened');
  const before = [ours, theirs].map(opened);
  // The torrent repeats it at every tick; it must work once.
  ours.swarm!.setConnections(link.id, 3);
  ours.swarm!.setConnections(link.id, 3);
  const block = new Uint8Array(16 * 1024);
  await Promise.all([ours, theirs].map((page, at) => page.until(() => opened(page) >= before[at]! + 2)));
  for (let piece = 0; piece < 32; piece++) link.sendBlock(piece, 0, block);
  link.send({ type: 'haveAll' });
  link.flush();
  const total = (): number => [...theirs.bytesByConnection.values()].reduce((sum, bytes) => sum + bytes, 0);
  const atTheirs = (): number => [...theirs.links.values()][0]!.received.length;
  await theirs.until(() => total() + atTheirs() === 32 * (13 + block.length) + 5);
  expect(new Set(theirs.bytesByConnection.keys())).toEqual(new Set([1, 2]));
  for (const bytes of theirs.bytesByConnection.values()) expect(bytes % (13 + block.length)).toBe(0);
  await ours.until(() => ours.drainedBytes === 32 * block.length);
  expect([ours, theirs].map(opened)).toEqual(before.map((links) => links + 2));

  link.useConnections(2);
  theirs.bytesByConnection.clear();
  for (let piece = 0; piece < 32; piece++) link.sendBlock(piece, 0, block);
  link.flush();
  await ours.until(() => ours.drainedBytes === 64 * block.length);
  await theirs.until(() => theirs.bytesByConnection.size > 0);
  expect(new Set(theirs.bytesByConnection.keys())).toEqual(new Set([1]));

  // Otherwise the page would get a new snapshot at every tick.
  let news = -1;
  void ours.until(() => ++news > 1);
  ours.swarm!.setConnections(link.id, 3);
  await Promise.resolve();
  expect(news).toBe(0);

  ours.swarm!.setConnections(link.id, 2);
  await theirs.until(() => theirs.lostConnections === 1);
  ours.swarm!.close(link.id, 'removed');
  await theirs.until(() => theirs.links.size === 0);
  expect([ours.lostConnections, count(ours.orders, 'close') >= 3]).toEqual([0, true]);
});

function count(orders: readonly RtcOrder[], kind: RtcOrder['kind']): number {
  return orders.filter((order) => order.kind === kind).length;
}

/** Every connection is open or ended: nothing changes any more without cause. */
async function settled(pages: readonly Page[]): Promise<void> {
  for (const page of pages) await page.until(() => page.swarm!.connecting === 0);
}
