import type { Milliseconds } from '../../ids.ts';
import type { BandwidthLimits } from '../../swarm/bandwidth/bandwidth-limit.ts';
import type { SwarmConfig } from '../../swarm/config.ts';
import type { Identity } from '../../swarm/events.ts';
import type { Strategy } from './strategy.ts';

/** One peer's settings. Rates in bytes per second. */
export interface NodeConfig {
  readonly name: string;
  readonly group: string;
  readonly identity: Identity;
  readonly isHonest: boolean;
  readonly strategy: Strategy;
  readonly up: number;
  readonly down: number;
  /** Starts with every piece. */
  readonly isSeed: boolean;
  /** The run ends when all such nodes have every piece. */
  readonly mustFinish: boolean;
  /** Joins by a magnet link: the metadata comes from peers. */
  readonly byMagnet: boolean;
  readonly capacityPieces: number;
  /** Time from `verify` to its answer. */
  readonly verifyMs: Milliseconds;
  readonly swarm: Partial<SwarmConfig>;
  /** Default: no limits. */
  readonly limits?: BandwidthLimits;
}
