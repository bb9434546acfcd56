import type { BlockRef, WireMessage } from '../../wire/messages.ts';
import type { End } from '../network/link.ts';
import type { Node } from '../network/node.ts';

/** Whoever watches the wire and the border of each peer: told before the torrent learns of what came, and as it does what it wishes. */
export interface Observer {
  /** A new torrent took the node's disk: the first time, or as it returned. */
  joined?(node: Node): void;
  opened?(node: Node, end: End): void;
  closed?(node: Node, end: End): void;
  delivered?(node: Node, end: End, message: WireMessage): void;
  sent?(node: Node, end: End, message: WireMessage): void;
  /** A block is handed to the uplink. */
  served?(node: Node, end: End, block: BlockRef): void;
  written?(node: Node, end: End | undefined, piece: number, begin: number): void;
  /** A piece was hashed; a right one can be read from now on. */
  verified?(node: Node, piece: number, ok: boolean): void;
  /** An unfinished piece was given up, or storage had no room for a right one. */
  discarded?(node: Node, piece: number): void;
  /** It asks the web seed for the whole piece. */
  fetching?(node: Node, piece: number): void;
  /** The node has no event left to take. */
  settled?(node: Node): void;
}
