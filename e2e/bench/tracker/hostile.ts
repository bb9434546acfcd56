import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../../shared/random.ts';
import { fuzzTracker } from '../../../signal-tracker/testing/fuzz.ts';
import { expiryMs, storeLimits, MemoryStore } from '../../../signal-tracker/swarms/memory-store.ts';
import type { Bench, Figure } from '../figures.ts';
import { Crowd, handshake } from './crowd.ts';
import { scrapeFrame } from './frames.ts';
import { Served } from './served.ts';
import { Strangers } from './strangers.ts';

const floodSeconds = 8;
const honestClients = 50;
const honestEveryMs = 10;
const strangerCount = 5000;

/** Headers may take 10 s. */
const unfinishedSeconds = 14;
/** What the kernels' buffers hold for one socket, some 6 MB, is full after about that long; a hundred of them are what one core answers. */
const deafSeconds = 20;
const deafCount = 2000;
const askingCount = 100;

/** Strangers at their worst: a flood of bad messages, a million random frames, a million peers that fall silent. */
export const hostileTracker: Bench = {
  name: 'tracker-hostile',
  async measure() {
    // What is measured here is what stays: collections must be had on demand, however the bench was started.
    setFlagsFromString('--expose-gc');
    globalThis.gc ??= runInNewContext('gc') as typeof globalThis.gc;
    return [...(await flooded()), ...(await neverFinished()), ...(await neverRead()), ...(await fuzzed()), ...expired()];
  },
};

/** How long honest clients wait for replies while another process sends bad messages as fast as it can. */
async function flooded(): Promise<Figure[]> {
  const server = await Served.start('Tabswarm');
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
      { name: 'memory more after the flood', value: (after.residentBytes - before.residentBytes) / 1e6, unit: 'MB' },
    ];
  } finally {
    crowd.leave();
    flood.kill('SIGKILL');
    await server.stop();
  }
}

/** Sockets that begin an upgrade and stop in the middle of it, while honest clients announce. */
async function neverFinished(): Promise<Figure[]> {
  const server = await Served.start('Tabswarm');
  const crowd = await Crowd.gather(server.port, honestClients, 5);
  const before = await server.usage();
  try {
    const strangers = await Strangers.come(
      server.port,
      strangerCount,
      'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nSec-WebSo',
      true,
    );
    const during = await server.usage();
    const delays = await honestDelays(crowd, unfinishedSeconds);
    const { open } = strangers;
    strangers.leave();
    return [
      { name: 'sockets that never finish their upgrade', value: strangerCount, unit: '' },
      { name: '… memory, each', value: (during.residentBytes - before.residentBytes) / strangerCount / 1000, unit: 'kB' },
      { name: '… honest reply meanwhile, p99', value: p99(delays), unit: 'ms', target: { atMost: 100 } },
      { name: `… left after ${unfinishedSeconds} s`, value: open, unit: '', target: { atMost: 0 } },
    ];
  } finally {
    crowd.leave();
    await server.stop();
  }
}

/** Sockets that ask for all they can get and read none of it, while honest clients announce. */
async function neverRead(): Promise<Figure[]> {
  const server = await Served.start('Tabswarm');
  const crowd = await Crowd.gather(server.port, honestClients, 5);
  const before = await server.usage();
  try {
    const strangers = await Strangers.come(server.port, deafCount, handshake, false);
    const flooding = strangers.ask(scrapeFrame(100), askingCount, deafSeconds);
    const delays = await honestDelays(crowd, deafSeconds);
    const asked = await flooding;
    const after = await server.usage();
    const { open } = strangers;
    strangers.leave();
    return [
      { name: `${deafCount} sockets that never read: scrapes of 100 hashes that ${askingCount} of them sent`, value: asked, unit: '' },
      { name: '… memory more after them', value: (after.residentBytes - before.residentBytes) / 1e6, unit: 'MB', target: { atMost: 300 } },
      { name: '… honest reply meanwhile, p99', value: p99(delays), unit: 'ms', target: { atMost: 100 } },
      { name: `… of ${deafCount} still connected`, value: open, unit: '' },
    ];
  } finally {
    crowd.leave();
    await server.stop();
  }
}

function p99(delays: readonly number[]): number {
  return delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.99)] ?? Infinity;
}

/** One client after the other announces; a reply that has not come when its client's turn comes again counts as it is then. */
async function honestDelays({ members }: Crowd, seconds: number): Promise<number[]> {
  const delays: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < end; turn++) {
    const member = members[turn % members.length]!;
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
      name: 'random and changed frames, after which honest clients still meet',
      value: report.frames,
      unit: '',
      target: { atLeast: 1_000_000 },
    },
    { name: 'heap more after all of them than after a tenth', value: report.grownBytes / 1e6, unit: 'MB', target: { atMost: 10 } },
  ];
}

/** A million peers that fall silent together go in turns of 5,000, each short. */
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
    { name: 'a million peers in memory, each', value: heldBytes / storeLimits.maxPeers / 1000, unit: 'kB', target: { atMost: 2 } },
    { name: 'a million expired peers: longest turn', value: longest, unit: 'ms' },
    { name: 'a million expired peers: left in memory', value: (heapBytes() - heapBefore) / 1e6, unit: 'MB', target: { atMost: 50 } },
  ];
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
