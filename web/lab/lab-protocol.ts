import type { Report } from '../../shared/lab/experiment.ts';
import type { SwarmOptions } from '../../shared/lab/swarm-options.ts';
import type { Frame, SwarmFilm, WatchedResult } from '../../shared/lab/watch-swarm.ts';

/** A Worker takes one request and is ended afterwards, or before to cancel it. */
export type LabRequest =
  | { readonly kind: 'swarm'; readonly options: SwarmOptions; readonly seed: number }
  | { readonly kind: 'experiment'; readonly name: string; readonly seeds: number };

export type LabAnswer =
  | { readonly kind: 'film'; readonly film: SwarmFilm }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'result'; readonly result: WatchedResult }
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'failed'; readonly reason: string };
