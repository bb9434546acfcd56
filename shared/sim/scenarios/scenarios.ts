import type { Milliseconds } from '../../ids.ts';
import type { SwarmConfig } from '../../swarm/config.ts';
import { browserTransport, idealTransport } from '../network/mesh.ts';
import type { Transport } from '../network/mesh.ts';
import type { StrategyName } from './strategies.ts';
import { defaultTracker } from '../network/tracker.ts';
import type { TrackerConfig } from '../network/tracker.ts';

/** When a peer goes, and whether it comes back. */
export interface Departure {
  readonly when:
    | { readonly kind: 'at'; readonly ms: Milliseconds }
    /** It has this share of the pieces. */
    | { readonly kind: 'progress'; readonly share: number }
    /** The leeches have so many copies of the whole among them (the least copied piece counts, plus the share above it). */
    | { readonly kind: 'copies'; readonly copies: number }
    /** The mean share of pieces that those who must finish have. */
    | { readonly kind: 'swarmProgress'; readonly share: number };
  /** Without a word: the others learn it from the network. */
  readonly suddenly: boolean;
  readonly returnsAfterMs: Milliseconds | null;
}

/** Peers that are alike; rates in bytes a second. */
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
  /** Of a poisoner's blocks. */
  readonly badShare: number;
  readonly capacityPieces: number;
  readonly verifyMs: Milliseconds;
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
  /** Bytes a second of a web seed that everyone knows; without it there is none. */
  readonly webSeedRate?: number;
  /** Checkers after every step: small runs only. */
  readonly checked: boolean;
  /** The run fails when not everyone is done by then. */
  readonly deadlineMs: Milliseconds;
}

/** 1 MiB/s, the unit in which uplinks are told here. */
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

/** One seed and `count` leeches, all equal, that start together. */
export function flashCrowd(count: number, rest: Partial<Scenario> = {}): Scenario {
  return { ...small, name: `flash crowd of ${count}`, groups: [seeds, { ...leeches, count }], ...rest };
}

/** The same without delay and set-up, and with pieces enough for a ratio to the fluid bound to mean something. */
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

/** The seed goes when the leeches have so many copies among them, and never returns. */
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

/** The seed dies without a word at half, and is back a minute later. */
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

/** Leeches come late, die at half, or return. */
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

/** Some peers that are not honest, among honest ones. */
export function hostile(strategy: StrategyName, bad: number, honest: number, rest: Partial<Group> = {}): Scenario {
  const culprits: Group = { ...seeds, name: strategy, strategy, count: bad, badShare: 1, ...rest };
  return flashCrowd(honest, { name: `${bad} × ${strategy} among ${honest}`, groups: [seeds, { ...leeches, count: honest }, culprits] });
}

export function freeRiders(riders: number, contributors: number, pieceCount: number): Scenario {
  const rider: Group = { ...leeches, name: 'rider', strategy: 'freeRider', count: riders, mustFinish: true };
  return idealCrowd(contributors, pieceCount, mebibyte, {
    name: `${riders} free riders among ${contributors}`,
    groups: [seeds, { ...leeches, count: contributors }, rider],
  });
}
