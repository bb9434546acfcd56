import type { Result } from './run.ts';
import { run } from './run.ts';
import type { Scenario } from './scenarios.ts';

/** The same scenario under `count` seeds: 1, 2, … A single seed proves little, and a failure names its seed. */
export function runs(scenario: Scenario, count: number): Result[] {
  return Array.from({ length: count }, (_, i) => run(scenario, i + 1));
}

/** What a failure needs to be run again, and who is not done. */
export function story({ scenario, seed, endedMs, peers }: Result): string {
  const undone = peers.filter(({ mustFinish, tookMs }) => mustFinish && tookMs === null).map(({ name, storedPieces }) => `${name} has ${storedPieces}`);
  return `scenario "${scenario}", seed ${seed}, ended at ${endedMs.toFixed(0)} ms${undone.length > 0 ? `; not done: ${undone.join(', ')}` : ''}`;
}

/** The middle of an odd number of values, the upper middle of an even one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Times of one group's peers that are done. */
export function timesOf({ peers }: Result, group: string): number[] {
  return peers.flatMap((peer) => (peer.group === group && peer.tookMs !== null ? [peer.tookMs] : []));
}
