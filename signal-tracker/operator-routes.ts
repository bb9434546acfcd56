import { sendJson, sendText, type Route } from './answers.ts';
import { iceAnswer, type IceOptions } from './ice.ts';

export interface Operated {
  readonly ice: IceOptions;
  /** What `GET /stats.json` answers, counted now. */
  readonly stats: () => Readonly<Record<string, unknown>>;
  /** Unix time. */
  readonly nowSeconds: () => number;
  /** What does not work now, as a sentence; `null` when all does. */
  readonly trouble: () => string | null;
}

/** What is served besides the app: the ICE servers for pages, and the tracker's own state for who runs it. */
export function operatorRoutes({ ice, stats, nowSeconds, trouble }: Operated): Map<string, Route> {
  return new Map<string, Route>([
    ['/api/ice', (_, response) => sendJson(response, iceAnswer(ice, nowSeconds()))],
    ['/stats.json', (_, response) => sendJson(response, stats())],
    // Trouble is no 503: a balancer that took every node out while Redis is away would end a service that still works.
    ['/healthz', (_, response) => sendText(response, 200, trouble() ?? 'ok')],
  ]);
}
