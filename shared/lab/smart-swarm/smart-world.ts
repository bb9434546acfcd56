import { fluidMs } from '../../sim/check/bounds.ts';
import { browserTransport, type Clusters, type Transport } from '../../sim/network/mesh.ts';
import type { ObservedNode, Observer } from '../../sim/network/observer.ts';
import { defaultTracker } from '../../sim/network/tracker.ts';
import type { Result } from '../../sim/report.ts';
import { run } from '../../sim/run.ts';
import { leeches, mebibyte, type Scenario, seeds } from '../../sim/scenarios/scenarios.ts';
import type { SwarmConfig } from '../../swarm/config.ts';

/** What differs from a swarm of equal, steady peers. */
export interface SmartWorld {
  readonly name: string;
  /** Four clusters: quick paths within, slow ones between. */
  readonly clustered: boolean;
  /** Share of the leeches that have a quarter of the uplink and stall for up to a minute. */
  readonly unstable: number;
  /** Share of the peers that send bad bytes on purpose. */
  readonly saboteurs: number;
  /** The only tracker is gone for good after this share of the bound; `null`: it stays. */
  readonly trackerDies: number | null;
}

export interface SmartFigures {
  /** Of the steady leeches, over the bound; infinite where one did not finish. */
  readonly lastOverBound: number;
  readonly meanOverBound: number;
  readonly seedFiles: number;
  /** Share of the payload that went between two clusters. */
  readonly farShare: number;
  readonly wastedShare: number;
  /** Pieces that had to be fetched again, a peer. */
  readonly badPieces: number;
  /** Saboteurs that somebody banned, of all. */
  readonly bannedShare: number;
}

export const smartPeers = 20;
export const smartPieces = 32;
const pieceBytes = mebibyte;

const clusterCount = 4;
const between: Clusters = { count: clusterCount, delayMs: [100, 250], flowBytesPerSecond: 128 * 1024 };
const within: Pick<Transport, 'delayMs'> = { delayMs: [5, 20] };

/** A run that takes so many times the bound has failed. */
const mostBounds = 20;

function saboteursIn(world: SmartWorld): number {
  return Math.round(world.saboteurs * smartPeers);
}

/** The fluid bound of all leeches that are steady, with pieces counted as in every other experiment. */
function boundMs(world: SmartWorld): number {
  const steady = steadyIn(world);
  const leechUps = Array<number>(steady).fill(mebibyte);
  const fluid = fluidMs({ fileBytes: smartPieces * pieceBytes, seedUp: mebibyte, leechUps, leastDown: Infinity });
  return fluid * (1 + Math.floor(Math.log2(steady)) / smartPieces);
}

function unstableIn(world: SmartWorld): number {
  return Math.round(world.unstable * smartPeers);
}

function steadyIn(world: SmartWorld): number {
  return smartPeers - unstableIn(world) - saboteursIn(world);
}

function scenarioOf(world: SmartWorld, swarm: Partial<SwarmConfig>): Scenario {
  const unstable = { ...leeches, name: 'unstable', strategy: 'staller', up: mebibyte / 4, mustFinish: false } as const;
  const saboteur = { ...seeds, name: 'saboteur', strategy: 'poisoner', badShare: 0.5 } as const;
  const bound = boundMs(world);
  const { trackerDies } = world;
  const groups = [
    seeds,
    { ...leeches, count: steadyIn(world) },
    { ...unstable, count: unstableIn(world) },
    { ...saboteur, count: saboteursIn(world) },
  ];
  return {
    name: world.name,
    pieceCount: smartPieces,
    pieceBytes,
    lastPieceBytes: pieceBytes,
    groups: groups.filter(({ count }) => count > 0),
    transport: { ...browserTransport, ...(world.clustered ? { ...within, clusters: between } : {}) },
    tracker: { ...defaultTracker, outages: trackerDies === null ? [] : [[trackerDies * bound, Infinity]] },
    swarm,
    asBytes: false,
    checked: false,
    deadlineMs: mostBounds * bound,
  };
}

/** Counts the blocks that leave their cluster. */
class FarBlocks implements Observer {
  readonly #nodes: readonly ObservedNode[];
  #indexes: ReadonlyMap<unknown, number> | null = null;
  #far = 0;
  #all = 0;

  constructor(nodes: readonly ObservedNode[]) {
    this.#nodes = nodes;
  }

  get share(): number {
    return this.#far / this.#all;
  }

  served(node: ObservedNode, end: { readonly other: { readonly owner: unknown } }): void {
    this.#indexes ??= new Map(this.#nodes.map((each, index) => [each, index]));
    const clusterOf = (owner: unknown): number => (this.#indexes?.get(owner) ?? 0) % clusterCount;
    this.#all++;
    if (clusterOf(node) !== clusterOf(end.other.owner)) this.#far++;
  }
}

/** Runs the world once. World, settings and seed alone determine the figures. */
export function runSmartWorld(world: SmartWorld, swarm: Partial<SwarmConfig>, seed: number): SmartFigures {
  const watchers: FarBlocks[] = [];
  const result = run(scenarioOf(world, swarm), seed, ({ nodes }) => {
    watchers.push(new FarBlocks(nodes));
    return watchers;
  });
  return { ...timesOf(result, boundMs(world)), ...sabotageOf(result), farShare: watchers[0]?.share ?? 0 };
}

function timesOf(result: Result, bound: number): Pick<SmartFigures, 'lastOverBound' | 'meanOverBound' | 'seedFiles' | 'wastedShare'> {
  const took = result.peers.filter(({ mustFinish }) => mustFinish).map(({ tookMs }) => tookMs ?? Infinity);
  return {
    lastOverBound: Math.max(...took) / bound,
    meanOverBound: took.reduce((sum, each) => sum + each, 0) / took.length / bound,
    seedFiles: result.seedFiles,
    wastedShare: result.wastedShare,
  };
}

function sabotageOf({ peers }: Result): Pick<SmartFigures, 'badPieces' | 'bannedShare'> {
  const honest = peers.filter(({ mustFinish }) => mustFinish);
  const banned = new Set(honest.flatMap((peer) => peer.banned));
  const saboteurs = peers.filter(({ strategy }) => strategy === 'poisoner');
  return {
    badPieces: honest.reduce((sum, { failedPieces }) => sum + failedPieces, 0) / honest.length,
    bannedShare: saboteurs.length === 0 ? 0 : saboteurs.filter(({ name }) => banned.has(name)).length / saboteurs.length,
  };
}
