import type { ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { History } from './activity.ts';
import type { AdminGuard } from '../http/admin-guard.ts';
import { send, sendJson, sendText, type Route } from '../http/responses.ts';
import { iceAnswer, type IceOptions } from '../http/ice.ts';
import { monitorRows, type NameOf } from './monitor.ts';
import { statusPage } from './status-page.ts';
import type { Store } from '../swarms/store.ts';

export interface OperatorOptions {
  readonly ice: IceOptions;
  readonly guard: AdminGuard;
  readonly metrics: Registry;
  /** The counts in `GET /stats.json`. */
  readonly stats: () => object;
  readonly lastDay: () => History;
  readonly store: Pick<Store, 'totals' | 'everySwarm'>;
  /** Unix time. */
  readonly nowSeconds: () => number;
  readonly nameOf: NameOf;
  /** A sentence about what does not work now; `null` if everything does. */
  readonly trouble: () => string | null;
}

/** The most in one answer of the monitor: 10,000 rows are 1 MB, and more than anybody reads. */
const monitorShares = 200;
const monitorPeers = 50;

/** What is served besides the app: the ICE servers for pages, and the tracker's state for its operator. */
export function operatorRoutes(operated: OperatorOptions): Map<string, Route> {
  const { ice, guard, metrics, stats, lastDay, nowSeconds, trouble } = operated;
  return new Map<string, Route>([
    ...statusPage(),
    ['/api/ice', (_, response) => sendJson(response, iceAnswer(ice, nowSeconds()))],
    ['/stats.json', (_, response) => sendJson(response, { ...stats(), trouble: trouble(), monitor: guard.isOpen, lastDay: lastDay() })],
    // Not a 503: a load balancer would remove every node while Redis is away, although they still work.
    ['/healthz', (_, response) => sendText(response, 200, trouble() ?? 'ok')],
    ['/monitor.json', guard.guarded((_, response) => sendMonitor(response, operated))],
    ['/metrics', guard.guardedOrLocal((_, response) => sendMetrics(response, metrics))],
  ]);
}

function sendMonitor(response: ServerResponse, { store, nameOf }: OperatorOptions): void {
  const shares = monitorRows(store.everySwarm(), monitorShares, monitorPeers, nameOf);
  sendJson(response, { shares, hidden: store.totals.swarms - shares.length });
}

async function sendMetrics(response: ServerResponse, metrics: Registry): Promise<void> {
  const text = Buffer.from(await metrics.metrics());
  send(response, 200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' }, text);
}
