import type { Milliseconds } from '../../ids.ts';
import type { SwarmConfig } from '../../swarm/config.ts';
import { browserTransport, idealTransport } from '../network/mesh.ts';
import type { Transport } from '../network/mesh.ts';
import type { StrategyName } from './strategies.ts';
import { defaultTracker } from '../network/tracker.ts';
import type { TrackerConfig } from '../network/tracker.ts';

/** When a peer leaves, and whether it returns. */
export interface Departure {
  readonly when:
    | { readonly kind: 'at'; readonly ms: Milliseconds }
    /** The peer has this share of the pieces. */
    | { readonly kind: 'progress'; readonly share: number }
    /** The leeches together have this many copies: the count of the rarest piece, plus the share of pieces above it. */
    | { readonly kind: 'copies'; readonly copies: number }
    /** The mean share of pieces of the peers that must finish. */
    | { readonly kind: 'swarmProgress'; readonly share: number };
  /** Without a message: the others notice when the network does. */
  readonly suddenly: boolean;
  readonly returnsAfterMs: Milliseconds | null;
}

/** Peers with the same settings. Rates in bytes per second. */
export interface Group {
  readonly name: string;
  readonly count: number;
  readonly up: number;
  readonly down: number;
  readonly strategy: StrategyName;
  readonly isSeed: boolean;
  readonly mustFinish: boolean;
  readonly byMagnet: boolean;
  /** Joins at a random time of this range. */
  readonly joinMs: readonly [Milliseconds, Milliseconds];
  readonly departure: Departure | null;
  /** How bad a hostile strategy is: the share of blocks that a poisoner corrupts, for example. */
  readonly badShare: number;
  readonly capacityPieces: number;
  readonly verifyMs: Milliseconds;
  /** Of each peer, in bytes a second. Default: no limits. */
  readonly limitDown?: number;
  readonly limitUp?: number;
}

export interface Scenario {
  readonly name: string;
  readonly pieceCount: number;
  readonly pieceBytes: number;
  readonly lastPieceBytes: number;
  readonly groups: readonly Group[];
  readonly transport: Transport;
  readonly tracker: TrackerConfig;
  readonly swarm: Partial<SwarmConfig>;
  readonly asBytes: boolean;
  /** Bytes per second of a web seed that everyone knows. Default: no web seed. */
  readonly webSeedRate?: number;
  /** Checks invariants after every step. Small runs only. */
  readonly checked: boolean;
  /** The run ends here even if peers are unfinished. */
  readonly deadlineMs: Milliseconds;
}

/** 1 MiB; per second the default uplink. */
export const mebibyte = 1024 * 1024;

export const leeches: Group = {
  name: 'leech',
  count: 1,
  up: mebibyte,
  down: Infinity,
  strategy: 'honest',
  isSeed: false,
  mustFinish: true,
  byMagnet: false,
  joinMs: [0, 0],
  departure: null,
  badShare: 0,
  capacityPieces: Infinity,
  verifyMs: 5,
};

export const seeds: Group = { ...leeches, name: 'seed', isSeed: true, mustFinish: false };

/** Whole pieces by turns and by lot, and a seed that suggests what nobody was given yet: the defaults. */
export const byTurns = { slotPolicy: 'turns', seedPolicy: 'suggest', piecePolicy: 'finish-own' } as const satisfies Partial<SwarmConfig>;

/** Slots for rounds of ten seconds, a seed that suggests nothing, and pieces that anybody finishes: what most clients do. */
export const byRounds = {
  slotPolicy: 'tit-for-tat',
  seedPolicy: 'plain',
  piecePolicy: 'finish-begun',
} as const satisfies Partial<SwarmConfig>;

const small: Omit<Scenario, 'name' | 'groups'> = {
  pieceCount: 24,
  pieceBytes: 64 * 1024,
  lastPieceBytes: 40_000,
  transport: browserTransport,
  tracker: defaultTracker,
  swarm: {},
  asBytes: false,
  checked: true,
  deadlineMs: 300_000,
};

/** One seed and `count` equal leeches that start together. */
export function flashCrowd(count: number, rest: Partial<Scenario> = {}): Scenario {
  return { ...small, name: `flash crowd of ${count}`, groups: [seeds, { ...leeches, count }], ...rest };
}

/** The same without delay and set-up, with enough pieces for a meaningful ratio to the fluid bound. */
export function idealCrowd(count: number, pieceCount: number, seedUp = mebibyte, rest: Partial<Scenario> = {}): Scenario {
  return {
    ...small,
    name: `ideal crowd of ${count}, seed uplink ${seedUp / mebibyte} MiB/s`,
    pieceCount,
    pieceBytes: 256 * 1024,
    lastPieceBytes: 256 * 1024,
    groups: [
      { ...seeds, up: seedUp },
      { ...leeches, count },
    ],
    transport: { ...idealTransport, targetLinks: 40 },
    checked: false,
    deadlineMs: 3_600_000,
    ...rest,
  };
}

/** The seed leaves for good when the leeches together have this many copies. */
export function seedLeaves(count: number, copies: number): Scenario {
  const departure: Departure = { when: { kind: 'copies', copies }, suddenly: false, returnsAfterMs: null };
  return flashCrowd(count, {
    name: `seed leaves at ${copies} copies`,
    groups: [
      { ...seeds, departure },
      { ...leeches, count },
    ],
  });
}

/** The seed dies suddenly at half and returns a minute later. */
export function seedReturns(count: number): Scenario {
  const departure: Departure = { when: { kind: 'swarmProgress', share: 0.5 }, suddenly: true, returnsAfterMs: 60_000 };
  return flashCrowd(count, {
    name: 'seed dies at half and returns',
    groups: [
      { ...seeds, departure },
      { ...leeches, count },
    ],
  });
}

/** Leeches join late, die at half, or leave and return. */
export function churn(count: number): Scenario {
  const atHalf = { kind: 'progress', share: 0.5 } as const;
  return flashCrowd(count, {
    name: 'churn',
    groups: [
      seeds,
      { ...leeches, count },
      { ...leeches, name: 'late', count, joinMs: [5000, 20_000] },
      { ...leeches, name: 'dying', count: 2, mustFinish: false, departure: { when: atHalf, suddenly: true, returnsAfterMs: null } },
      { ...leeches, name: 'returning', count: 2, departure: { when: atHalf, suddenly: false, returnsAfterMs: 10_000 } },
    ],
  });
}

/** Hostile peers among honest ones. */
export function hostile(strategy: StrategyName, bad: number, honest: number, rest: Partial<Group> = {}): Scenario {
  const hostilePeers: Group = { ...seeds, name: strategy, strategy, count: bad, badShare: 1, ...rest };
  return flashCrowd(honest, { name: `${bad} × ${strategy} among ${honest}`, groups: [seeds, { ...leeches, count: honest }, hostilePeers] });
}

export function freeRiders(riders: number, contributors: number, pieceCount: number): Scenario {
  const rider: Group = { ...leeches, name: 'rider', strategy: 'freeRider', count: riders, mustFinish: true };
  return idealCrowd(contributors, pieceCount, mebibyte, {
    name: `${riders} free riders among ${contributors}`,
    groups: [seeds, { ...leeches, count: contributors }, rider],
  });
}
