import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as sleep } from 'node:timers/promises';
import { itemAt } from '../../../shared/assert.ts';
import { seededRandom } from '../../../shared/random.ts';
import { fuzzTracker } from '../../../signal-tracker/testing/fuzz.ts';
import { expiryMs, storeLimits, MemoryStore } from '../../../signal-tracker/swarms/memory-store.ts';
import type { Bench, Figure } from '../figures.ts';
import { Crowd, handshake } from './crowd.ts';
import { scrapeFrame } from './frames.ts';
import { ServerProcess } from './servers/server-process.ts';
import { HostileSockets } from './hostile-sockets.ts';

const floodSeconds = 8;
const honestClients = 50;
const honestEveryMs = 10;
const unfinishedCount = 5000;

/** The tracker gives headers 10 s. */
const unfinishedSeconds = 14;
/** Kernel buffers hold about 6 MB a socket and are full after about this time; one core can answer about a hundred such sockets. */
const notReadingSeconds = 20;
const notReadingCount = 2000;
const askingCount = 100;

/** Hostile clients: a flood of bad messages, sockets that never finish or never read, random frames, a million peers that leave silently. */
export const hostileTracker: Bench = {
  name: 'tracker-hostile',
  async measure() {
    // Memory is read after a garbage collection, which must be available however the bench was started.
    setFlagsFromString('--expose-gc');
    globalThis.gc ??= runInNewContext('gc') as typeof globalThis.gc;
    return [...(await flooded()), ...(await neverFinished()), ...(await neverRead()), ...(await fuzzed()), ...expired()];
  },
};

/** How long honest clients wait for replies during a flood of bad messages from another process. */
async function flooded(): Promise<Figure[]> {
  const server = await ServerProcess.start('Tabswarm');
  const before = await server.usage();
  const crowd = await Crowd.gather(server.port, honestClients, 5);
  const flood = spawn(process.execPath, [join('e2e', 'bench', 'tracker', 'flood.js'), String(server.port)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let sent = 0;
  flood.on('message', (count) => (sent = Number(count)));
  try {
    await once(flood, 'message');
    const delays = await honestDelays(crowd, floodSeconds);
    const after = await server.usage();
    return [
      { name: 'flood of bad messages', value: sent / floodSeconds, unit: '/s' },
      { name: 'honest replies during the flood', value: delays.length, unit: '' },
      {
        name: 'honest reply during the flood, p99',
        value: p99(delays),
        unit: 'ms',
        target: { atMost: 100 },
      },
      { name: 'growth of memory after the flood', value: (after.residentBytes - before.residentBytes) / 1e6, unit: 'MB' },
    ];
  } finally {
    crowd.leave();
    flood.kill('SIGKILL');
    await server.stop();
  }
}

/** Sockets that begin an upgrade and never finish it, while honest clients announce. */
async function neverFinished(): Promise<Figure[]> {
  const server = await ServerProcess.start('Tabswarm');
  const crowd = await Crowd.gather(server.port, honestClients, 5);
  const before = await server.usage();
  try {
    const hostile = await HostileSockets.start(
      server.port,
      unfinishedCount,
      'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nSec-WebSo',
      true,
    );
    const during = await server.usage();
    const delays = await honestDelays(crowd, unfinishedSeconds);
    const { open } = hostile;
    hostile.leave();
    return [
      { name: 'sockets that never finish their upgrade', value: unfinishedCount, unit: '' },
      { name: '… memory per socket', value: (during.residentBytes - before.residentBytes) / unfinishedCount / 1000, unit: 'kB' },
      { name: '… honest reply meanwhile, p99', value: p99(delays), unit: 'ms', target: { atMost: 100 } },
      { name: `… left after ${unfinishedSeconds} s`, value: open, unit: '', target: { atMost: 0 } },
    ];
  } finally {
    crowd.leave();
    await server.stop();
  }
}

/** Sockets that ask for as much as they can and read nothing, while honest clients announce. */
async function neverRead(): Promise<Figure[]> {
  const server = await ServerProcess.start('Tabswarm');
  const crowd = await Crowd.gather(server.port, honestClients, 5);
  const before = await server.usage();
  try {
    const hostile = await HostileSockets.start(server.port, notReadingCount, handshake, false);
    const flooding = hostile.ask(scrapeFrame(100), askingCount, notReadingSeconds);
    const delays = await honestDelays(crowd, notReadingSeconds);
    const asked = await flooding;
    const after = await server.usage();
    const { open } = hostile;
    hostile.leave();
    return [
      {
        name: `${notReadingCount} sockets that never read: scrapes of 100 hashes that ${askingCount} of them sent`,
        value: asked,
        unit: '',
      },
      {
        name: '… growth of memory after them',
        value: (after.residentBytes - before.residentBytes) / 1e6,
        unit: 'MB',
        target: { atMost: 300 },
      },
      { name: '… honest reply meanwhile, p99', value: p99(delays), unit: 'ms', target: { atMost: 100 } },
      { name: `… of ${notReadingCount} still connected`, value: open, unit: '' },
    ];
  } finally {
    crowd.leave();
    await server.stop();
  }
}

function p99(delays: readonly number[]): number {
  return delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.99)] ?? Infinity;
}

/** One client after the other announces. Returns the delays of the replies in ms; a missing reply at the end counts as infinite. */
async function honestDelays({ members }: Crowd, seconds: number): Promise<number[]> {
  const delays: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < end; turn++) {
    const member = itemAt(members, turn % members.length);
    const sentAt = performance.now();
    member.onReply = () => {
      member.onReply = null;
      delays.push(performance.now() - sentAt);
    };
    member.announce();
    await sleep(honestEveryMs);
  }
  const missing = members.filter(({ onReply }) => onReply !== null).length;
  return [...delays, ...Array.from({ length: missing }, () => Infinity)];
}

async function fuzzed(): Promise<Figure[]> {
  const seed = Math.floor(Math.random() * 2 ** 32);
  console.error(`fuzzing with seed ${seed}`);
  const report = await fuzzTracker(seed, 1_000_000);
  return [
    {
      name: 'random and mutated frames, after which honest clients still meet',
      value: report.frames,
      unit: '',
      target: { atLeast: 1_000_000 },
    },
    { name: 'growth of the heap from a tenth of them to all', value: report.grownBytes / 1e6, unit: 'MB', target: { atMost: 10 } },
  ];
}

/** A million peers that fall silent together expire in steps of 5,000, each of which must be short. */
function expired(): Figure[] {
  const store = new MemoryStore(seededRandom(1), storeLimits);
  const heapBefore = heapBytes();
  for (let peer = 0; peer < storeLimits.maxPeers; peer++) {
    const infoHash = `swarm-${peer % 10_000}`.padEnd(20);
    store.announce(
      0,
      peer,
      { kind: 'announce', infoHash, peerId: `peer-${peer}`.padEnd(20), numwant: 5, seed: false, left: 1, event: null, offers: [] },
      [],
    );
  }
  const heldBytes = heapBytes() - heapBefore;
  let longest = 0;
  for (let more = true; more;) {
    const start = performance.now();
    more = store.expire(expiryMs + 1, 5000, []);
    longest = Math.max(longest, performance.now() - start);
  }
  return [
    { name: 'a million peers in memory, per peer', value: heldBytes / storeLimits.maxPeers / 1000, unit: 'kB', target: { atMost: 2 } },
    { name: 'a million expired peers: longest turn', value: longest, unit: 'ms' },
    { name: 'a million expired peers: left in memory', value: (heapBytes() - heapBefore) / 1e6, unit: 'MB', target: { atMost: 50 } },
  ];
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
