import { introductionKey, type Milliseconds } from '../ids.ts';
import type { Share } from './check/bounds.ts';
import { fluidMs, jain } from './check/bounds.ts';
import type { Node } from './network/node.ts';
import type { Scenario } from './scenarios/scenarios.ts';
import type { StrategyName } from './scenarios/strategies.ts';
import { isHarmless } from './scenarios/strategies.ts';
import type { World } from './world.ts';

export interface PeerResult {
  readonly name: string;
  readonly group: string;
  readonly strategy: StrategyName;
  readonly mustFinish: boolean;
  readonly isHonest: boolean;
  /** From joining to the last piece; `null`: not finished. */
  readonly tookMs: Milliseconds | null;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly failedPieces: number;
  readonly storedPieces: number;
  /** Names of the peers that it banned. */
  readonly banned: readonly string[];
}

export interface Result {
  readonly scenario: string;
  readonly seed: number;
  readonly everyoneDone: boolean;
  readonly endedMs: Milliseconds;
  /** The fluid bound for the peers that must finish. */
  readonly boundMs: Milliseconds;
  /** Completion times over the bound, of the peers that must finish. */
  readonly meanRatio: number;
  readonly p95Ratio: number;
  readonly lastRatio: number;
  /** Payload that seeds sent, as a multiple of the file. */
  readonly seedFiles: number;
  /** Payload that the web seed sent, as a multiple of the file. */
  readonly webSeedFiles: number;
  /** What finished peers received beyond the file, as a share of the file. */
  readonly wastedShare: number;
  readonly failedPieces: number;
  readonly messagesPerPeer: number;
  /** Jain's index over sent / received of honest leeches. */
  readonly fairness: number;
  /** Share of all leeches' uplink time that was used. */
  readonly uplinkUse: number;
  readonly traceHash: string;
  readonly peers: readonly PeerResult[];
}

export function summarize(scenario: Scenario, seed: number, world: World): Result {
  const { nodes } = world;
  const { totalBytes } = world.geometry;
  const names = new Map(nodes.map(({ introduction, config }) => [introductionKey(introduction), config.name]));
  const finishers = nodes.filter(({ config }) => config.mustFinish);
  const boundMs = fluidMs(shareOf(scenario, totalBytes));
  const ratios = finishers.map((node) => (tookMs(node) ?? Infinity) / boundMs).toSorted((a, b) => a - b);
  const endedMs = world.queue.now;
  const leeches = nodes.filter((node) => !node.config.isSeed && node.isHonest);
  const seeds = nodes.filter((node) => node.config.isSeed && node.isHonest);
  return {
    scenario: scenario.name,
    seed,
    everyoneDone: world.unfinished === 0,
    endedMs,
    boundMs,
    meanRatio: ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length,
    p95Ratio: ratios[Math.ceil(0.95 * ratios.length) - 1] ?? 0,
    lastRatio: ratios.at(-1) ?? 0,
    seedFiles: seeds.reduce((sum, { upBytes }) => sum + upBytes, 0) / totalBytes,
    webSeedFiles: (world.webSeed?.servedBytes ?? 0) / totalBytes,
    wastedShare: wastedShare(finishers, totalBytes),
    failedPieces: nodes.reduce((sum, { failedPieces }) => sum + failedPieces, 0),
    messagesPerPeer: world.trace.messages / nodes.length,
    fairness: jain(leeches.filter(({ downBytes }) => downBytes > 0).map(({ upBytes, downBytes }) => upBytes / downBytes)),
    uplinkUse: leeches.reduce((sum, { uplink }) => sum + uplink.busyMs, 0) / (leeches.length * endedMs),
    traceHash: world.trace.hash,
    peers: nodes.map((node) => peerResult(node, names, scenario)),
  };
}

/** Input of the fluid bound: honest uplinks, and every peer that must finish. */
function shareOf({ groups }: Scenario, fileBytes: number): Share {
  const honest = groups.filter((group) => isHarmless(group.strategy));
  const finishing = groups.filter((group) => group.mustFinish);
  return {
    fileBytes,
    seedUp: honest.filter(({ isSeed }) => isSeed).reduce((sum, { up, count }) => sum + up * count, 0),
    leechUps: finishing.flatMap(({ strategy, up, count }) => Array<number>(count).fill(strategy === 'freeRider' ? 0 : up)),
    leastDown: Math.min(...finishing.map(({ down }) => down)),
  };
}

function wastedShare(finishers: readonly Node[], fileBytes: number): number {
  const done = finishers.filter(({ completedAt }) => completedAt !== null);
  const received = done.reduce((sum, { downBytes }) => sum + downBytes, 0);
  return done.length === 0 ? 0 : received / (done.length * fileBytes) - 1;
}

function tookMs({ completedAt, joinedAt }: Node): Milliseconds | null {
  return completedAt === null || joinedAt === null ? null : completedAt - joinedAt;
}

function peerResult(node: Node, names: ReadonlyMap<string, string>, scenario: Scenario): PeerResult {
  const { name, group, mustFinish } = node.config;
  const strategy = scenario.groups.find((candidate) => candidate.name === group)?.strategy ?? 'honest';
  return {
    name,
    group,
    strategy,
    mustFinish,
    isHonest: node.isHonest,
    tookMs: tookMs(node),
    upBytes: node.upBytes,
    downBytes: node.downBytes,
    failedPieces: node.failedPieces,
    storedPieces: node.disk.storedCount,
    banned: [...node.banned.keys()].map((peer) => names.get(peer) ?? peer),
  };
}

/** Describes the runs that fail the condition, with what is needed to replay them. */
export function failures(results: readonly Result[], isRight: (result: Result) => boolean): string[] {
  return results.filter((result) => !isRight(result)).map(describe);
}

/** The same for single peers of runs. */
export function peerFailures(results: readonly Result[], isRight: (peer: PeerResult) => boolean): string[] {
  return results.flatMap((result) =>
    result.peers.filter((peer) => !isRight(peer)).map((peer) => `${describePeer(peer)}: ${describe(result)}`),
  );
}

export function unfinished(results: readonly Result[]): string[] {
  return failures(results, ({ everyoneDone }) => everyoneDone);
}

function describe({ scenario, seed, endedMs, boundMs, wastedShare: wasted, peers }: Result): string {
  const notDone = peers
    .filter((peer) => peer.mustFinish && peer.tookMs === null)
    .map(({ name, storedPieces }) => `${name} (${storedPieces})`);
  const figures = `${(endedMs / boundMs).toFixed(2)} × the bound, ${(100 * wasted).toFixed(1)} % wasted`;
  return `scenario "${scenario}", seed ${seed}: ${endedMs.toFixed(0)} ms, ${figures}, not done: ${notDone.join(', ') || 'nobody'}`;
}

function describePeer({ name, failedPieces, storedPieces, banned }: PeerResult): string {
  return `${name} (${failedPieces} failed, ${storedPieces} stored, banned: ${banned.join(', ') || 'nobody'})`;
}

/** The upper median. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Times of the finished peers of a group. */
export function timesOf({ peers }: Result, group: string): number[] {
  return peers.flatMap((peer) => (peer.group === group && peer.tookMs !== null ? [peer.tookMs] : []));
}
