import type { PieceIndex } from '../../ids.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import type { Content } from '../core/content.ts';
import type { EventQueue } from '../core/event-queue.ts';
import type { Trace } from '../core/trace.ts';
import type { LinkEnd } from './link.ts';
import type { ObservedNode, Observers } from './observer.ts';
import type { WebSeed } from './web-seed.ts';

/** What a node needs from its world. */
export interface NodeEnv {
  readonly queue: EventQueue;
  readonly trace: Trace;
  readonly geometry: Geometry;
  readonly content: Content;
  readonly infoBytes: Uint8Array;
  readonly observers: Observers;
  readonly asBytes: boolean;
  readonly burstBlocks: number;
  readonly webSeed: WebSeed | null;
  /** The node itself closed this end: the other end closes after the link's delay. */
  closedByNode(end: LinkEnd): void;
  /** A node stored a piece. */
  pieceStored(node: ObservedNode, piece: PieceIndex): void;
}
