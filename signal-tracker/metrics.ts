import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Stats } from './stats.ts';

/** What is shown of {@link Stats}, under Prometheus's rules for names: base units, `_total` for what only grows. */
const gauges: readonly (readonly [name: string, help: string, value: (stats: Stats) => number])[] = [
  ['tabswarm_sockets', 'Open WebSockets.', ({ sockets }) => sockets],
  ['tabswarm_people', 'Sockets that are in at least one swarm.', ({ people }) => people],
  ['tabswarm_swarms', 'Swarms with at least one peer.', ({ swarms }) => swarms],
  ['tabswarm_complete_swarms', 'Swarms with at least one complete copy.', ({ completeSwarms }) => completeSwarms],
];

const counters: typeof gauges = [
  ['tabswarm_messages_total', 'Messages received.', ({ messages }) => messages],
  ['tabswarm_announces_total', 'Announces received.', ({ announces }) => announces],
  ['tabswarm_offers_total', 'Offers relayed.', ({ offers }) => offers],
  ['tabswarm_answers_total', 'Answers relayed.', ({ answers }) => answers],
  ['tabswarm_refused_messages_total', 'Messages that could not be used.', ({ refused }) => refused],
  ['tabswarm_socket_faults_total', 'Sockets that broke the WebSocket protocol or were reset.', ({ faults }) => faults],
];

/** A registry that asks `stats` at each scrape; the process's own metrics (`process_…`, `nodejs_…`) come with it. */
export function createMetrics(stats: () => Stats): Registry {
  const registry = new Registry();
  for (const [name, help, value] of gauges) registry.registerMetric(gauge(name, help, () => value(stats())));
  for (const [name, help, value] of counters) registry.registerMetric(counter(name, help, () => value(stats())));
  registry.registerMetric(peersByRole(stats));
  collectDefaultMetrics({ register: registry });
  return registry;
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

/** The counting is done elsewhere: here the count is only copied. */
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
