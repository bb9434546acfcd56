import type { Peer } from '../peer/peer.ts';

/**
 * Peers that may be asked for more once the running event is handled, in the order they were added. A list with a mark on each peer: a Set
 * would make a new table at every event.
 */
export class FillQueue {
  readonly #peers: Peer[] = [];

  add(peer: Peer): void {
    if (peer.isToFill) return;
    peer.isToFill = true;
    this.#peers.push(peer);
  }

  addAll(peers: Iterable<Peer>): void {
    for (const peer of peers) this.add(peer);
  }

  remove(peer: Peer): void {
    if (!peer.isToFill) return;
    peer.isToFill = false;
    this.#peers.splice(this.#peers.indexOf(peer), 1);
  }

  /** Empties the queue. Snubbed peers come last, or each would get back the blocks that were just taken from it. */
  drainInto(downloader: { fill(peer: Peer): void }): void {
    let isAnySnubbed = false;
    for (const peer of this.#peers) {
      if (peer.pipeline.snubbed) isAnySnubbed = true;
      else downloader.fill(peer);
    }
    if (isAnySnubbed) for (const peer of this.#peers) if (peer.pipeline.snubbed) downloader.fill(peer);
    // A length of 0 would drop the memory of the list.
    for (let peer = this.#peers.pop(); peer !== undefined; peer = this.#peers.pop()) peer.isToFill = false;
  }
}
