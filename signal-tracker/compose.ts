import { randomInt, randomUUID } from 'node:crypto';
import type { Milliseconds } from '../shared/ids.ts';
import { seededRandom, type Random } from '../shared/random.ts';
import { cataloguePath } from '../shared/tracker/listing.ts';
import { noteMs } from './status/activity.ts';
import { sendNoCertificate } from './http/message-page.ts';
import { AdminGuard } from './http/admin-guard.ts';
import type { Assets } from './http/assets/assets.ts';
import type { Certificate } from './config/certificate.ts';
import type { CatalogueFile } from './catalogue/file.ts';
import { CatalogueRoutes } from './catalogue/routes.ts';
import { countPeersIn } from './catalogue/people.ts';
import type { RedisStore, RedisStoreOptions } from './cluster/redis-store.ts';
import { createRequestHandler, type Branch, type Site } from './http/router.ts';
import { WebServer, type Handlers, type WebServerOptions } from './http/web-server.ts';
import { lanHandlers } from './lan/doors.ts';
import { trustRoutes, type TrustFacts } from './lan/trust-page.ts';
import { AllowedHosts } from './limits/allowed-hosts.ts';
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
  /** Serves a local network with a certificate that devices do not know; `tls` is that certificate. */
  readonly lan?: LanSite | null;
  readonly limits?: Partial<SocketLimits & StoreLimits & SeedLimits>;
}

/** What the tracker of a local network says of itself. */
export interface LanSite {
  /** Names and addresses of now, under which it may be asked. */
  readonly hosts: () => readonly string[];
  /** Where other devices reach it, given the port it listens on. */
  readonly originAt: (port: number) => string;
  readonly authority: TrustFacts;
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

/** Unix time that never jumps: it continues from the start of the process, whatever happens to the machine's clock. */
const unixMs = (): Milliseconds => Math.floor(performance.timeOrigin + performance.now());

const now = (): Milliseconds => performance.now();

/** Composes store, sockets and http into one listening tracker. Rejects with the system's error when the port cannot be had. */
export async function startTracker(options: TrackerOptions): Promise<Tracker> {
  const random = seededRandom(randomInt(2 ** 32));
  const limits = { ...storeLimits, ...options.limits };
  const { redis = null } = options;
  const cluster = redis === null ? null : await joinCluster(redis, random, limits, (work) => void server.perform(work));
  const swarms = cluster ?? new MemoryStore(random, limits);
  const proxies = new TrustedProxies(options.trustProxy ?? []);
  const admission = { proxies, origins: new AllowedOrigins(options.origins ?? []) };
  const server = new TrackerServer(swarms, now, { ...socketLimits, ...options.limits }, admission);
  const { announce = [], publicUrl = null } = options;
  const seeds = new WebSeed({ now, proxies, limits: { ...seedLimits, ...options.limits }, announce, publicUrl });
  const operation = operate(options, { server, store: swarms, cluster, proxies, seeds }, () => http.port);
  const { idleMs, maxConnections, maxConnectionsPerAddress } = { ...socketLimits, ...options.limits };
  const connections = new Connections(proxies, maxConnectionsPerAddress);
  const http = new WebServer({
    ...doorsOf(options, operation.site, (request, stream, head) => server.upgrade(request, stream, head)),
    tls: options.tls ?? null,
    accept: (socket) => connections.accept(socket),
    maxConnections,
    idleMs,
  });
  const close = async (): Promise<void> => {
    await operation.end();
    const end = http.close();
    await server.close();
    await cluster?.close();
    await end();
    // What was listed or removed on the connections that were still open.
    await operation.end();
  };
  try {
    await cluster?.open();
    await http.listen(options.port, options.host);
  } catch (error) {
    await operation.end();
    await server.close();
    await cluster?.close();
    throw error;
  }
  return {
    port: http.port,
    seeds,
    renewCertificate: (certificate) => http.renew(certificate),
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
  readonly site: Site;
  readonly end: () => Promise<void>;
}

/** Everything that is answered over http besides the app: for the operator and for pages. `end` stops its timer. */
function operate(options: TrackerOptions, { server, store, cluster, proxies, seeds }: Parts, port: () => number): Operation {
  const { lan = null } = options;
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
  const lanOrigin = (): string | null => lan?.originAt(port()) ?? null;
  const routes = operatorRoutes({
    ice: {
      stun: options.stun ?? [],
      turn: options.turn ?? null,
      trackers: options.announce ?? [],
      catalogue: catalogue !== null,
      lanOrigin,
    },
    guard,
    metrics: createMetrics(stats, cluster === null ? null : () => cluster.counts),
    stats,
    lastDay: () => keeper.lastDay(),
    store,
    nameOf: (infoHash) => catalogue?.nameOf(infoHash) ?? null,
    nowSeconds: () => Date.now() / 1000,
    trouble: () => troubleOf(cluster),
  });
  routes.set('/seeds.json', seeds.list);
  if (lan === null) routes.set('/trust', sendNoCertificate);
  else for (const [path, route] of trustRoutes(lan.authority, () => lan.originAt(port()))) routes.set(path, route);
  const branches: Branch[] = [{ path: seedsPath, route: seeds.answer }];
  if (catalogue !== null) branches.push({ path: cataloguePath, route: catalogue.route });
  const end = async (): Promise<void> => {
    clearInterval(noting);
    await catalogue?.save();
  };
  const site = { assets: options.assets ?? new Map(), routes, branches, strictTransport: lan === null };
  return { site, end };
}

/** With a local network two handlers on one port, otherwise one. */
function doorsOf(
  { lan = null, tls = null }: TrackerOptions,
  site: Site,
  upgrade: Handlers['upgrade'],
): Pick<WebServerOptions, 'handlers' | 'plain'> {
  const app: Handlers = { request: createRequestHandler(site), upgrade };
  if (lan === null || tls === null) return { handlers: app, plain: null };
  const { secure, plain } = lanHandlers(app, site, new AllowedHosts(lan.hosts));
  return { handlers: secure, plain };
}

async function joinCluster(url: string, random: Random, limits: StoreLimits, perform: RedisStoreOptions['perform']): Promise<RedisStore> {
  // Loading Redis' client takes a third of the time of a start, and most trackers have no cluster.
  const { RedisStore: Cluster } = await import('./cluster/redis-store.ts');
  const changed = (reason: string | null): void => {
    if (reason === null) log.info('Redis is up: peers of all nodes are introduced to each other');
    else log.warn(`Redis is away, so only peers of this node are introduced to each other: ${reason}`);
  };
  return new Cluster({ url, node: randomUUID(), random, now, limits, perform, changed });
}

function troubleOf(cluster: RedisStore | null): string | null {
  // The reason contains Redis' address: it belongs into the log only.
  return cluster === null || cluster.isUp ? null : 'Redis is away: only peers of this node are introduced to each other.';
}
