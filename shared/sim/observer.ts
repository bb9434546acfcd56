import type { BlockRef, WireMessage } from '../wire/messages.ts';
import type { End } from './link.ts';
import type { Node } from './node.ts';

/**
 * Whoever watches the wire and the border of each peer. Told before the torrent learns of what came, and as it does what it wishes; does
 * nothing unless told otherwise.
 */
export class Observer {
  /** A new torrent took the node's disk: the first time, or as it returned. */
  joined(_node: Node): void {}
  opened(_node: Node, _end: End): void {}
  closed(_node: Node, _end: End): void {}
  delivered(_node: Node, _end: End, _message: WireMessage): void {}
  sent(_node: Node, _end: End, _message: WireMessage): void {}
  /** A block is handed to the uplink. */
  served(_node: Node, _end: End, _block: BlockRef): void {}
  written(_node: Node, _end: End | undefined, _piece: number, _begin: number): void {}
  /** A piece was hashed; the world has stored it if it was right and there was room. */
  verified(_node: Node, _piece: number, _ok: boolean): void {}
  discarded(_node: Node, _piece: number): void {}
  /** The node has no event left to take. */
  settled(_node: Node): void {}
}
