import { once } from 'node:events';
import { WebSocket } from 'ws';
import { seededRandom } from '../../shared/random.ts';
import { FrameFuzzer } from './frame-fuzzer.ts';
import { startTracker } from '../compose.ts';

export interface FuzzReport {
  readonly frames: number;
  /** How often two honest clients were introduced meanwhile. */
  readonly meetings: number;
  /** Growth of the heap from a tenth of the frames to all of them, each time after a garbage collection if the process allows one. */
  readonly grownBytes: number;
}

const unlimited = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1 };

/** Frames between two checks with honest clients. */
const stretch = 5000;

/**
 * Sends `frames` random and mutated frames to a real tracker without rate limits, and checks after each batch that honest clients are still
 * introduced. Rejects if they are not within 20 s. Frames are binary: `ws` itself would close the connection for broken UTF-8 in a text frame.
 */
export async function fuzzTracker(seed: number, frames: number): Promise<FuzzReport> {
  const tracker = await startTracker({ port: 0, host: '127.0.0.1', limits: { messages: unlimited } });
  try {
    const fuzzer = new FrameFuzzer(seededRandom(seed));
    let meetings = 0;
    let heapBefore = 0;
    for (let sent = 0; sent < frames; sent += stretch) {
      await strangerSends(tracker.port, fuzzer, Math.min(stretch, frames - sent));
      await meet(tracker.port, `honest-${sent}`);
      meetings += 1;
      if (sent <= frames / 10) heapBefore = heapBytes();
    }
    return { frames, meetings, grownBytes: heapBytes() - heapBefore };
  } finally {
    await tracker.close();
  }
}

async function strangerSends(port: number, fuzzer: FrameFuzzer, frames: number): Promise<void> {
  const stranger = await open(port);
  stranger.on('message', () => undefined);
  for (let count = 0; count < frames; count++) stranger.send(fuzzer.next());
  await settled(stranger);
  stranger.terminate();
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function open(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  await once(socket, 'open');
  return socket;
}

/** Resolves when everything sent before has been read. */
async function settled(socket: WebSocket): Promise<void> {
  socket.ping();
  await withinLimit(once(socket, 'pong'), 'The tracker did not answer a ping');
}

const id = (name: string): string => name.padEnd(20, '.');

async function meet(port: number, swarm: string): Promise<void> {
  const [ann, bob] = await Promise.all([open(port), open(port)]);
  const base = { action: 'announce', info_hash: id(swarm), numwant: 5, left: 1 };
  ann.send(JSON.stringify({ ...base, peer_id: id('ann') }));
  await withinLimit(once(ann, 'message'), 'The tracker did not answer an honest client');
  const offered = once(ann, 'message');
  bob.send(JSON.stringify({ ...base, peer_id: id('bob'), offers: [{ offer: { type: 'offer', sdp: 'v=0' }, offer_id: id('o') }] }));
  await withinLimit(offered, 'The tracker did not relay an honest offer');
  ann.terminate();
  bob.terminate();
}

async function withinLimit(event: Promise<unknown>, failure: string): Promise<void> {
  const late = new AbortController();
  const limit = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(failure)), 20_000);
    late.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  try {
    await Promise.race([event, limit]);
  } finally {
    late.abort();
  }
}
