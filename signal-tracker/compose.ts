import { randomInt, randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Milliseconds } from '../shared/ids.ts';
import { seededRandom, type Random } from '../shared/random.ts';
import { cataloguePath } from '../shared/tracker/listing.ts';
import { noteMs } from './status/activity.ts';
import { AdminGuard } from './http/admin-guard.ts';
import type { Route } from './http/responses.ts';
import type { Assets } from './http/assets.ts';
import type { Certificate } from './config/certificate.ts';
import type { CatalogueFile } from './catalogue/file.ts';
import { CatalogueRoutes } from './catalogue/routes.ts';
import { countPeersIn } from './catalogue/people.ts';
import { RedisStore, type RedisStoreOptions } from './cluster/redis-store.ts';
import { createRequestHandler, type Branch } from './http/router.ts';
import type { TurnServers } from './http/ice.ts';
import { log } from './log.ts';
import { createMetrics } from './status/metrics.ts';
import { operatorRoutes } from './status/operator-routes.ts';
import { Connections } from './limits/connections.ts';
import { AllowedOrigins } from './limits/allowed-origins.ts';
import { TrustedProxies, type Cidr } from './limits/trusted-proxies.ts';
import { seedLimits, type SeedLimits } from './web-seed/seed-slots.ts';
import { WebSeed, seedsPath, type SeedCounts } from './web-seed/routes.ts';
import { StatsCollector, type Stats } from './status/stats.ts';
import { TrackerServer, socketLimits, type SocketLimits } from './sockets/websocket-server.ts';
import type { Store } from './swarms/store.ts';
import { storeLimits, MemoryStore, type StoreLimits } from './swarms/memory-store.ts';

export interface TrackerOptions {
  /** 0: any free one. */
  readonly port: number;
  /** `undefined`: all addresses. */
  readonly host?: string | undefined;
  /** The built app ({@link loadAssets}); without it only the tracker and its JSON are served. */
  readonly assets?: Assets;
  /** With it the tracker serves https and wss, without it http and ws. */
  readonly tls?: Certificate | null;
  /** Proxies whose `X-Forwarded-For` counts. */
  readonly trustProxy?: readonly Cidr[];
  /** Origins of pages that may use the tracker; empty for all. */
  readonly origins?: readonly string[];
  readonly stun?: readonly string[];
  readonly turn?: TurnServers | null;
  readonly announce?: readonly string[];
  /** Keeps a public list of the shares whose publishers chose to be listed. */
  readonly catalogue?: boolean;
  /** Keeps that list across restarts; `null`: in memory only. */
  readonly catalogueFile?: CatalogueFile | null;
  /** Opens the monitor and the metrics to people who know it. */
  readonly adminToken?: string | null;
  /** The Redis through which it shares its swarms with other nodes; `null`: it is the only node. */
  readonly redis?: string | null;
  /** Where people reach this tracker, e.g. `https://share.example.org`; `null`: the host of each request. */
  readonly publicUrl?: string | null;
  readonly limits?: Partial<SocketLimits & StoreLimits & SeedLimits>;
}

export interface Tracker {
  readonly port: number;
  /** Serves nothing until a torrent is added. */
  readonly seeds: WebSeed;
  /** New connections get this certificate; open ones stay. Only for a tracker that was started with one. */
  renewCertificate(certificate: Certificate): void;
  /** Stops listening, closes every socket, and resolves when all are gone: after at most 2 s. */
  close(): Promise<void>;
}

/** No real browser needs more than a few seconds for its headers. */
const headersTimeoutMs = 10_000;

/** How often Node looks for late requests. Its default of 30 s lets them stay for 40 s, and ends all of them at once. */
const unfinishedCheckMs = 500;

/** Unix time that never jumps: it continues from the start of the process, whatever happens to the machine's clock. */
const unixMs = (): Milliseconds => Math.floor(performance.timeOrigin + performance.now());

const now = (): Milliseconds => performance.now();

/** Composes store, sockets and http into one listening tracker. Rejects with the system's error when the port cannot be had. */
export async function startTracker(options: TrackerOptions): Promise<Tracker> {
  const random = seededRandom(randomInt(2 ** 32));
  const limits = { ...storeLimits, ...options.limits };
  const { redis = null } = options;
  const cluster = redis === null ? null : joinCluster(redis, random, limits, (work) => void server.perform(work));
  const swarms = cluster ?? new MemoryStore(random, limits);
  const proxies = new TrustedProxies(options.trustProxy ?? []);
  const admission = { proxies, origins: new AllowedOrigins(options.origins ?? []) };
  const server = new TrackerServer(swarms, now, { ...socketLimits, ...options.limits }, admission);
  const { announce = [], publicUrl = null } = options;
  const seeds = new WebSeed({ now, proxies, limits: { ...seedLimits, ...options.limits }, announce, publicUrl });
  const operation = operate(options, { server, store: swarms, cluster, proxies, seeds });
  const { routes, branches } = operation;
  const http = createHttp(options.tls ?? null, createRequestHandler({ assets: options.assets ?? new Map(), routes, branches }));
  const { idleMs, maxConnections, maxConnectionsPerAddress } = { ...socketLimits, ...options.limits };
  http.timeout = idleMs;
  http.maxConnections = maxConnections;
  const connections = new Connections(proxies, maxConnectionsPerAddress);
  http.on('connection', (socket: Socket) => connections.accept(socket));
  http.on('upgrade', (request, stream, head) => server.upgrade(request, stream, head));
  const close = async (): Promise<void> => {
    await operation.end();
    const stopped = new Promise<void>((resolve) => {
      http.close(() => resolve());
    });
    await server.close();
    await cluster?.close();
    http.closeAllConnections();
    await stopped;
  };
  try {
    await cluster?.open();
    await listen(http, options);
  } catch (error) {
    await operation.end();
    await server.close();
    await cluster?.close();
    throw error;
  }
  return {
    port: (http.address() as AddressInfo).port,
    seeds,
    renewCertificate: (certificate) => (http as TlsServer).setSecureContext(certificate),
    close,
  };
}

interface Parts {
  readonly server: TrackerServer;
  readonly store: Store;
  readonly cluster: RedisStore | null;
  readonly proxies: TrustedProxies;
  readonly seeds: WebSeed;
}

interface Operation {
  readonly routes: ReadonlyMap<string, Route>;
  readonly branches: readonly Branch[];
  readonly end: () => Promise<void>;
}

/** Everything that is answered over http besides the app: for the operator and for pages. `end` stops its timer. */
function operate(options: TrackerOptions, { server, store, cluster, proxies, seeds }: Parts): Operation {
  const keeper = new StatsCollector(() => server.counts, now);
  const stats = (): Stats & SeedCounts => ({ ...keeper.stats(), ...seeds.counts, ...cluster?.counts });
  const guard = new AdminGuard(options.adminToken ?? null, proxies, now);
  const { catalogueFile: file = null } = options;
  const catalogue =
    options.catalogue === true ? new CatalogueRoutes({ people: countPeersIn(store), proxies, guard, file, nowMs: unixMs }) : null;
  const noting = setInterval(() => {
    catalogue?.sweep();
    if (keeper.note()) log.info('statistics', { ...stats() });
  }, noteMs);
  const routes = operatorRoutes({
    ice: { stun: options.stun ?? [], turn: options.turn ?? null, trackers: options.announce ?? [], catalogue: catalogue !== null },
    guard,
    metrics: createMetrics(stats, cluster === null ? null : () => cluster.counts),
    stats,
    lastDay: () => keeper.lastDay(),
    store,
    nowSeconds: () => Date.now() / 1000,
    trouble: () => troubleOf(cluster),
  });
  routes.set('/seeds.json', seeds.list);
  const branches: Branch[] = [{ path: seedsPath, route: seeds.answer }];
  if (catalogue !== null) branches.push({ path: cataloguePath, route: catalogue.route });
  const end = async (): Promise<void> => {
    clearInterval(noting);
    await catalogue?.save();
  };
  return { routes, branches, end };
}

function joinCluster(url: string, random: Random, limits: StoreLimits, perform: RedisStoreOptions['perform']): RedisStore {
  const changed = (reason: string | null): void => {
    if (reason === null) log.info('Redis is up: peers of all nodes are introduced to each other');
    else log.warn(`Redis is away, so only peers of this node are introduced to each other: ${reason}`);
  };
  return new RedisStore({ url, node: randomUUID(), random, now, limits, perform, changed });
}

function troubleOf(cluster: RedisStore | null): string | null {
  // The reason contains Redis' address: it belongs into the log only.
  return cluster === null || cluster.isUp ? null : 'Redis is away: only peers of this node are introduced to each other.';
}

function createHttp(tls: Certificate | null, handle: RequestListener): Server | TlsServer {
  const timeouts = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: 3 * headersTimeoutMs,
    connectionsCheckingInterval: unfinishedCheckMs,
  };
  return tls === null
    ? createServer(timeouts, handle)
    : createTlsServer({ ...timeouts, handshakeTimeout: headersTimeoutMs, ...tls }, handle);
}

function listen(http: Server | TlsServer, { port, host }: TrackerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      resolve();
    });
  });
}
