import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { ClusterCounts } from '../cluster/redis-store.ts';
import type { SeedCounts } from '../web-seed/routes.ts';
import type { Stats } from './stats.ts';

/** Metrics of a set of counts, named by Prometheus's rules: base units, `_total` for counters. */
type Shown<Counts> = readonly (readonly [name: string, help: string, value: (counts: Counts) => number])[];

const gauges: Shown<Stats> = [
  ['tabswarm_sockets', 'Open WebSockets.', ({ sockets }) => sockets],
  ['tabswarm_people', 'Sockets that are in at least one swarm.', ({ people }) => people],
  ['tabswarm_swarms', 'Swarms with at least one peer.', ({ swarms }) => swarms],
  ['tabswarm_complete_swarms', 'Swarms with at least one complete copy.', ({ completeSwarms }) => completeSwarms],
];

const counters: Shown<Stats> = [
  ['tabswarm_messages_total', 'Messages received.', ({ messages }) => messages],
  ['tabswarm_announces_total', 'Announces received.', ({ announces }) => announces],
  ['tabswarm_offers_total', 'Offers relayed.', ({ offers }) => offers],
  ['tabswarm_answers_total', 'Answers relayed.', ({ answers }) => answers],
  ['tabswarm_refused_messages_total', 'Messages that could not be used.', ({ refused }) => refused],
  ['tabswarm_socket_faults_total', 'Sockets that broke the WebSocket protocol or were reset.', ({ faults }) => faults],
];

const clusterGauges: Shown<ClusterCounts> = [
  ['tabswarm_cluster_up', '1 while Redis is up.', ({ clusterUp }) => clusterUp],
  ['tabswarm_cluster_open_offers', 'Offers from other nodes that may still be answered.', ({ clusterOpenOffers }) => clusterOpenOffers],
  [
    'tabswarm_cluster_pending_departures',
    'Departures Redis has not been told of.',
    ({ clusterPendingDepartures }) => clusterPendingDepartures,
  ],
];

const clusterCounters: Shown<ClusterCounts> = [
  ['tabswarm_cluster_messages_total', 'Messages sent to other nodes.', ({ clusterMessages }) => clusterMessages],
  ['tabswarm_cluster_batches_total', 'Redis publishes that carried them.', ({ clusterBatches }) => clusterBatches],
];

const seedGauges: Shown<SeedCounts> = [
  ['tabswarm_seed_torrents', 'Torrents this tracker serves itself.', ({ seedTorrents }) => seedTorrents],
];

const seedCounters: Shown<SeedCounts> = [
  ['tabswarm_seed_bytes_total', 'Bytes of content it served as a web seed.', ({ seedBytes }) => seedBytes],
];

/** A registry that reads the counts at each scrape, with the process's own metrics (`process_…`, `nodejs_…`). */
export function createMetrics(stats: () => Stats & SeedCounts, cluster: (() => ClusterCounts) | null): Registry {
  const registry = new Registry();
  show(registry, gauges, gauge, stats);
  show(registry, counters, counter, stats);
  show(registry, seedGauges, gauge, stats);
  show(registry, seedCounters, counter, stats);
  registry.registerMetric(peersByRole(stats));
  if (cluster !== null) {
    show(registry, clusterGauges, gauge, cluster);
    show(registry, clusterCounters, counter, cluster);
  }
  collectDefaultMetrics({ register: registry });
  return registry;
}

function show<Counts>(registry: Registry, shown: Shown<Counts>, make: typeof gauge | typeof counter, counts: () => Counts): void {
  for (const [name, help, value] of shown) registry.registerMetric(make(name, help, () => value(counts())));
}

function gauge(name: string, help: string, value: () => number): Gauge {
  return new Gauge({
    name,
    help,
    registers: [],
    collect() {
      this.set(value());
    },
  });
}

/** Copies a count that is kept elsewhere. */
function counter(name: string, help: string, value: () => number): Counter {
  return new Counter({
    name,
    help,
    registers: [],
    collect() {
      this.reset();
      this.inc(value());
    },
  });
}

function peersByRole(stats: () => Stats): Gauge<'role'> {
  return new Gauge({
    name: 'tabswarm_peers',
    help: 'Peers in all swarms, by role.',
    labelNames: ['role'],
    registers: [],
    collect() {
      const { peers, seeds } = stats();
      this.set({ role: 'seed' }, seeds);
      this.set({ role: 'leech' }, peers - seeds);
    },
  });
}
