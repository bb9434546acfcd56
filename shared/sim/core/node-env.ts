import type { Milliseconds, PieceIndex } from '../../ids.ts';
import type { SwarmConfig } from '../../swarm/config.ts';
import type { Identity } from '../../swarm/events.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import type { Agenda } from './event-queue.ts';
import type { Content } from './content.ts';
import type { End } from '../network/link.ts';
import type { Node } from '../network/node.ts';
import type { Observer } from '../check/observer.ts';
import type { Strategy, StrategyName } from '../scenarios/strategies.ts';
import type { Trace } from './trace.ts';
import type { WebSeed } from '../network/web-seed.ts';

/** What one peer is; rates in bytes a second. */
export interface NodeConfig {
  readonly name: string;
  readonly group: string;
  readonly identity: Identity;
  readonly strategyName: StrategyName;
  readonly strategy: Strategy;
  readonly up: number;
  readonly down: number;
  /** Starts with everything. */
  readonly isSeed: boolean;
  /** Counts as "everyone" when everyone is to finish. */
  readonly mustFinish: boolean;
  /** Joins by a magnet link: the metadata comes from peers. */
  readonly byMagnet: boolean;
  readonly capacityPieces: number;
  /** From `verify` to its answer. */
  readonly verifyMs: Milliseconds;
  readonly swarm: Partial<SwarmConfig>;
}

/** What a node needs of its world. */
export interface Surroundings {
  readonly agenda: Agenda;
  readonly trace: Trace;
  readonly geometry: Geometry;
  readonly content: Content;
  readonly infoBytes: Uint8Array;
  readonly observers: readonly Observer[];
  readonly asBytes: boolean;
  readonly webSeed: WebSeed | null;
  /** The node closed this end of its own will. */
  hungUp(end: End): void;
  pieceStored(node: Node, piece: PieceIndex): void;
}
