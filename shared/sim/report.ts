import type { PeerResult, Result } from './run.ts';
import { run } from './run.ts';
import type { Scenario } from './scenarios/scenarios.ts';

/** The same scenario under `count` seeds: 1, 2, … A single seed proves little. */
export function runs(scenario: Scenario, count: number): Result[] {
  return Array.from({ length: count }, (_, i) => run(scenario, i + 1));
}

/** The runs that are not as they should be, told so that they can be run again. */
export function failures(results: readonly Result[], isRight: (result: Result) => boolean): string[] {
  return results.filter((result) => !isRight(result)).map(story);
}

/** The same for single peers of runs. */
export function peerFailures(results: readonly Result[], isRight: (peer: PeerResult) => boolean): string[] {
  return results.flatMap((result) => result.peers.filter((peer) => !isRight(peer)).map((peer) => `${tellPeer(peer)}: ${story(result)}`));
}

export function unfinished(results: readonly Result[]): string[] {
  return failures(results, ({ everyoneDone }) => everyoneDone);
}

function story({ scenario, seed, endedMs, boundMs, wastedShare, peers }: Result): string {
  const undone = peers
    .filter(({ mustFinish, tookMs }) => mustFinish && tookMs === null)
    .map(({ name, storedPieces }) => `${name} (${storedPieces})`);
  const figures = `${(endedMs / boundMs).toFixed(2)} × the bound, ${(100 * wastedShare).toFixed(1)} % wasted`;
  return `scenario "${scenario}", seed ${seed}: ${endedMs.toFixed(0)} ms, ${figures}, not done: ${undone.join(', ') || 'nobody'}`;
}

function tellPeer({ name, failedPieces, storedPieces, banned }: PeerResult): string {
  return `${name} (${failedPieces} failed, ${storedPieces} stored, banned: ${banned.join(', ') || 'nobody'})`;
}

/** The middle of an odd number of values, the upper middle of an even one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Times of one group's peers that are done. */
export function timesOf({ peers }: Result, group: string): number[] {
  return peers.flatMap((peer) => (peer.group === group && peer.tookMs !== null ? [peer.tookMs] : []));
}
