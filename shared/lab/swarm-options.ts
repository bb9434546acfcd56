import type { Milliseconds } from '../ids.ts';
import { seededRandom } from '../random.ts';
import { fluidMs } from '../sim/check/bounds.ts';
import { browserTransport, idealTransport, type Transport } from '../sim/network/mesh.ts';
import { type Departure, type Group, leeches, mebibyte, type Scenario, seeds } from '../sim/scenarios/scenarios.ts';
import { defaultTracker } from '../sim/network/tracker.ts';
import type { SwarmConfig } from '../swarm/config.ts';

/** A world to measure: one seed and `peers` leeches that want a share of `pieces` pieces of 256 KiB. Rates in bytes per second. */
export interface SwarmOptions {
  readonly peers: number;
  readonly pieces: number;
  /** `mixed`: 0.5, 2, 5 and 20 Mbit/s for 20, 40, 30 and 10 % of the leeches. */
  readonly uplinks: 'equal' | 'mixed';
  /** Uplink of the seed, and of each leech where they are equal. */
  readonly seedUp: number;
  readonly up: number;
  /** Share of the peers that download and never upload. */
  readonly riders: number;
  /** Share of the peers that claim every piece and corrupt half of the blocks they send. */
  readonly poisoners: number;
  /** Leeches leave after exponential times with the bound as their mean; half of them return after ten seconds, with their pieces. */
  readonly churn: boolean;
  /** The only tracker is gone for good after a third of the bound. Default: it stays. */
  readonly trackerDies?: boolean;
  readonly transport: 'ideal' | 'browser';
  /** One way, least and most; `null`: what the transport has. */
  readonly delayMs: readonly [Milliseconds, Milliseconds] | null;
  /** Most bytes per second of one flow. */
  readonly flow: number;
  readonly swarm: Partial<SwarmConfig>;
}

export const defaultSwarm: SwarmOptions = {
  peers: 40,
  pieces: 512,
  uplinks: 'equal',
  seedUp: mebibyte,
  up: mebibyte,
  riders: 0,
  poisoners: 0,
  churn: false,
  transport: 'ideal',
  delayMs: null,
  flow: Infinity,
  swarm: {},
};

const pieceBytes = 256 * 1024;
const megabit = 125_000;
const mixed = [
  { share: 0.2, up: 0.5 * megabit },
  { share: 0.4, up: 2 * megabit },
  { share: 0.3, up: 5 * megabit },
  { share: 0.1, up: 20 * megabit },
] as const;

const returnAfterMs = 10_000;

/** From so many peers on, blocks move in bursts: 1,000 peers take two thirds of the time, and are done within 1 % of the same ratio. */
const largeSwarm = 100;
const burstBlocks = 4;

/** A run that takes so many times the bound has failed. */
const mostBounds = 20;

/**
 * The least time in which the contributors can have the file: the fluid bound, times 1 + ⌊log₂ N⌋ / K because a piece is passed on only when
 * it is whole. Free riders and poisoners are left out, as if nobody served them.
 */
export function boundMs(options: SwarmOptions): Milliseconds {
  const leechUps = contributors(options).flatMap(({ count, up }) => Array<number>(count).fill(up));
  const fluid = fluidMs({ fileBytes: options.pieces * pieceBytes, seedUp: options.seedUp, leechUps, leastDown: Infinity });
  return fluid * (1 + Math.floor(Math.log2(leechUps.length)) / options.pieces);
}

/** What the seed sends if it uses all of its uplink and everybody is done at the bound, over the size. */
export function seedBytesAtBound(options: SwarmOptions): number {
  return (boundMs(options) / 1000) * (options.seedUp / (options.pieces * pieceBytes));
}

/** The world as a scenario of the simulator. Who leaves when depends on `seed`. */
export function swarmScenario(options: SwarmOptions, seed: number): Scenario {
  const { pieces } = options;
  const counts = countsOf(options);
  const rider: Group = { ...leeches, name: 'rider', strategy: 'freeRider', count: counts.riders, up: options.up };
  const bad = { strategy: 'poisoner', badShare: 0.5, up: options.up, count: counts.poisoners } as const;
  const poisoner: Group = { ...seeds, ...bad, name: 'poisoner' };
  const groups = [{ ...seeds, up: options.seedUp }, ...(options.churn ? churning(options, seed) : contributors(options)), rider, poisoner];
  return {
    name: 'lab swarm',
    pieceCount: pieces,
    pieceBytes,
    lastPieceBytes: pieceBytes,
    groups: groups.filter(({ count }) => count > 0),
    transport: transportOf(options),
    tracker: options.trackerDies === true ? { ...defaultTracker, outages: [[boundMs(options) / 3, Infinity]] } : defaultTracker,
    swarm: options.swarm,
    asBytes: false,
    checked: false,
    deadlineMs: mostBounds * boundMs(options),
  };
}

/** Contributing leeches of one uplink. */
function leechesOf(name: string, up: number, count: number, rest: Partial<Group> = {}): Group {
  return { ...leeches, name, up, count, ...rest };
}

/** One leech at least contributes, whatever the shares are: there is nobody else to measure. */
function countsOf({ peers, riders, poisoners }: SwarmOptions): { riders: number; poisoners: number; contributors: number } {
  const riding = Math.min(Math.round(riders * peers), peers - 1);
  const poisoning = Math.min(Math.round(poisoners * peers), peers - 1 - riding);
  return { riders: riding, poisoners: poisoning, contributors: peers - riding - poisoning };
}

function contributors(options: SwarmOptions): Group[] {
  const { uplinks, up } = options;
  const count = countsOf(options).contributors;
  if (uplinks === 'equal') return [leechesOf('leech', up, count)];
  const [slowest, ...others] = mixed;
  const groups = others.map((kind, at) => leechesOf(`leech ${at + 1}`, kind.up, Math.round(kind.share * count)));
  const left = groups.reduce((sum, group) => sum - group.count, count);
  return [leechesOf('leech 0', slowest.up, left), ...groups];
}

/** Each leech is a group of its own, with its own time to leave. One comes back at least: a world in which nobody must finish ends as it begins. */
function churning(options: SwarmOptions, seed: number): Group[] {
  const random = seededRandom(seed);
  const meanMs = boundMs(options);
  const ups = contributors(options).flatMap(({ up, count }) => Array<number>(count).fill(up));
  const leaving = ups.map((up) => {
    const ms = -meanMs * Math.log((1 + random.below(1_000_000)) / 1_000_001);
    return { up, ms, returns: random.below(2) === 0 };
  });
  const nobodyReturns = leaving.every(({ returns }) => !returns);
  return leaving.map(({ up, ms, returns }, at) => {
    const mustFinish = returns || (nobodyReturns && at === 0);
    const departure: Departure = { when: { kind: 'at', ms }, suddenly: true, returnsAfterMs: mustFinish ? returnAfterMs : null };
    return leechesOf(`leech ${at}`, up, 1, { departure, mustFinish });
  });
}

function transportOf({ peers, transport, delayMs, flow }: SwarmOptions): Transport {
  const base = transport === 'ideal' ? idealTransport : browserTransport;
  return {
    ...base,
    delayMs: delayMs ?? base.delayMs,
    flowBytesPerSecond: flow,
    targetLinks: 40,
    burstBlocks: peers < largeSwarm ? 1 : burstBlocks,
  };
}
