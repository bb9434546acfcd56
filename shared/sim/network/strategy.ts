import type { BlockRef, WireMessage } from '../../wire/messages.ts';

/**
 * How a peer deviates from the protocol. Every peer runs the same `Torrent`. The strategy stands between its effects and the wire, so
 * the swarm's code knows nothing of it.
 */
export interface Strategy {
  /** What is sent instead of this message; `null`: nothing. */
  message(message: WireMessage): WireMessage | null;
  /** What happens to a block that the torrent wants to serve. */
  block(block: BlockRef): 'honest' | 'lie' | 'withhold' | 'reject';
}
