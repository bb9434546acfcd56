import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom } from '../shared/random.ts';
import type { Assets } from './assets.ts';
import { createRequestHandler } from './http.ts';
import { SignalServer, socketLimits, type SocketLimits } from './server.ts';
import { storeLimits, Swarms, type StoreLimits } from './swarms.ts';

export interface TrackerOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** `undefined`: all addresses. */
  readonly host?: string | undefined;
  /** The built app ({@link loadAssets}); without it only the tracker and its JSON are served. */
  readonly assets?: Assets;
  readonly stun?: readonly string[];
  readonly announce?: readonly string[];
  readonly limits?: Partial<SocketLimits & StoreLimits>;
}

export interface Tracker {
  readonly port: number;
  /** Stops listening, says good-bye to every socket, and resolves when all are gone: after at most 2 s. */
  close(): Promise<void>;
}

/** Slow requests keep a socket and nothing else busy; no real browser needs more than a few seconds for its headers. */
const headersTimeoutMs = 10_000;

/** Composes store, sockets and http into one listening tracker. Rejects with the system's error when the port cannot be had. */
export async function startTracker(options: TrackerOptions): Promise<Tracker> {
  const swarms = new Swarms(seededRandom(randomInt(2 ** 32)), { ...storeLimits, ...options.limits });
  const server = new SignalServer(swarms, () => performance.now(), { ...socketLimits, ...options.limits });
  const startedAt = performance.now();
  const handle = createRequestHandler({
    assets: options.assets ?? new Map(),
    ice: { iceServers: (options.stun ?? []).map((urls) => ({ urls })), trackers: options.announce ?? [] },
    stats: () => ({
      uptimeSeconds: Math.floor((performance.now() - startedAt) / 1000),
      ...server.counts,
      residentBytes: process.memoryUsage.rss(),
    }),
  });
  const http = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: 3 * headersTimeoutMs }, handle);
  http.on('upgrade', (request, stream, head) => server.upgrade(request, stream, head));
  const close = async (): Promise<void> => {
    const stopped = new Promise<void>((resolve) => {
      http.close(() => resolve());
    });
    await server.close();
    http.closeAllConnections();
    await stopped;
  };
  try {
    await listen(http, options);
  } catch (error) {
    await server.close();
    throw error;
  }
  return { port: (http.address() as AddressInfo).port, close };
}

function listen(http: Server, { port, host }: TrackerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      resolve();
    });
  });
}
