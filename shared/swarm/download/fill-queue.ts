import type { Peer } from '../peer/peer.ts';

/**
 * Peers that may be asked for more once the running event is handled, in the order they were added. A list with a mark on each peer: a Set
 * would make a new table at every event.
 */
export class FillQueue {
  readonly #peers: Peer[] = [];
  /**
   * Peers that do not choke us, or allow some pieces all the same. What becomes free is offered to them alone: with forty links, and four
   * pieces a second, looking at all of them took a fifth of the CPU time of a swarm.
   */
  readonly #askable: Peer[] = [];

  add(peer: Peer): void {
    if (peer.isToFill) return;
    peer.isToFill = true;
    this.#peers.push(peer);
  }

  addAll(peers: Iterable<Peer>): void {
    for (const peer of peers) this.add(peer);
  }

  addAskable(): void {
    this.addAll(this.#askable);
  }

  /** The peer's messages were handled: it may have begun or ended to choke us. */
  heard(peer: Peer): void {
    const isAskable = !peer.peerChoking || peer.allowedFast.size > 0;
    if (isAskable === peer.isAskable) return;
    peer.isAskable = isAskable;
    if (isAskable) this.#askable.push(peer);
    else removeFrom(this.#askable, peer);
  }

  remove(peer: Peer): void {
    if (peer.isToFill) removeFrom(this.#peers, peer);
    if (peer.isAskable) removeFrom(this.#askable, peer);
    peer.isToFill = false;
    peer.isAskable = false;
  }

  /** Empties the queue. Snubbed peers come last, or each would get back the blocks that were just taken from it. */
  drainInto(downloader: { fill(peer: Peer): void }): void {
    let isAnySnubbed = false;
    for (const peer of this.#peers) {
      if (isSnubbed(peer)) isAnySnubbed = true;
      else downloader.fill(peer);
    }
    if (isAnySnubbed) for (const peer of this.#peers) if (isSnubbed(peer)) downloader.fill(peer);
    // A length of 0 would drop the memory of the list.
    for (let peer = this.#peers.pop(); peer !== undefined; peer = this.#peers.pop()) peer.isToFill = false;
  }
}

/** Nothing is asked of the others anyway. */
function isSnubbed({ isAskable, pipeline }: Peer): boolean {
  return isAskable && pipeline.snubbed;
}

function removeFrom(peers: Peer[], peer: Peer): void {
  peers.splice(peers.indexOf(peer), 1);
}
