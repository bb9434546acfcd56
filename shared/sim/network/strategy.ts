import type { BlockRef, Introduction, LinkId, Milliseconds } from '../../ids.ts';
import type { WireMessage } from '../../wire/messages.ts';

/**
 * How a peer deviates from the protocol. Every peer runs the same `Torrent`. The strategy stands between its effects and the wire, so
 * the swarm's code knows nothing of it.
 */
export interface Strategy {
  /** Who a tracker says it is. Default: the one tracker of the simulation, and its own id. */
  readonly introduction?: Introduction;
  /** What is sent instead of this message; `null`: nothing. */
  outgoing(message: WireMessage): WireMessage | null;
  /** What happens to a block that the torrent wants to serve. */
  block(block: BlockRef, link: LinkId): 'honest' | 'lie' | 'withhold' | 'reject';
  /** Sees a message before the torrent does: what it answers instead of the torrent, or `null` to let the torrent have it. */
  incoming?(message: WireMessage, link: LinkId): readonly WireMessage[] | null;
  /** Sent on every link once a second. */
  everySecond?(): readonly WireMessage[];
  /** How long the link sends no block before this one. */
  stallMs?(): Milliseconds;
}
