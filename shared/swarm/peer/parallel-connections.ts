import { maxParallelConnections } from '../../limits.ts';
import { readConnectionSignal, writeConnectionSignal } from '../../wire/extensions/connection-signal.ts';
import type { Downloader } from '../download/downloader.ts';
import type { Event } from '../events.ts';
import { type Context, type Peer, send } from './peer.ts';

/** After so many losses a link keeps to one connection. */
const mostLosses = 3;

/**
 * Decides how many connections a link has. One connection is bounded by its congestion window and by the threads it keeps busy; several
 * carry more where neither the path nor the processors are full. So a busy link gets more connections while few links are busy. With many
 * busy links there are enough connections already.
 */
export class ParallelConnections {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The side that offered the link decides, so that two offers never cross. Repeated at each tick: a request that is met already costs nothing. */
  tick(isComplete: boolean): void {
    const wide = this.#connectionsEach();
    for (const peer of this.#context.peers.values()) {
      if (!peer.initiator || !this.#mayWiden(peer)) continue;
      const { link } = peer;
      if (isComplete && peer.isComplete) this.#context.out.push({ kind: 'connections', link, count: 1 });
      else if (wide > 1 && this.#isBusy(peer, 1)) this.#context.out.push({ kind: 'connections', link, count: wide });
    }
  }

  /** @throws PeerFault `badExtension` */
  onSignal(peer: Peer, payload: Uint8Array): void {
    const signal = readConnectionSignal(payload);
    if (!this.#mayWiden(peer) || (signal.type === 'offer') === peer.initiator) return;
    // Both sides count the same bytes at slightly different times: half of the limit is enough here.
    if (signal.type === 'offer' && (signal.connection >= this.#connectionsEach() || !this.#isBusy(peer, 0.5))) return;
    this.#context.out.push({ kind: 'connectionSignal', link: peer.link, signal });
  }

  /** The host has a session description for the peer, or has lost a connection and with it some blocks in flight, unknown which. */
  onHostEvent(peer: Peer, event: Event & { kind: 'connectionSignal' | 'connectionLost' }, downloader: Downloader | null): void {
    if (event.kind === 'connectionSignal') {
      const payload = writeConnectionSignal(event.signal);
      send(this.#context, peer, { type: 'extended', id: peer.extensions.connections, payload });
      return;
    }
    // A half-read message never ends, and the next connection with this number starts a new stream.
    peer.connectionDecoders.delete(event.connection);
    if (peer.pipeline.inFlightBlocks === 0) return;
    peer.lostConnections++;
    downloader?.recall(peer);
  }

  /** Without BEP 6 the order of CHOKE and `piece` matters, and several connections do not keep it. */
  #mayWiden({ fast, extensions, lostConnections }: Peer): boolean {
    return fast && extensions.connections !== 0 && lostConnections < mostLosses;
  }

  #connectionsEach(): number {
    let busy = 0;
    for (const peer of this.#context.peers.values()) if (this.#isBusy(peer, 1)) busy++;
    return Math.floor(maxParallelConnections / Math.max(1, busy));
  }

  /** The link carries at least this share of what counts as busy. */
  #isBusy({ recentDown, recentUp }: Peer, share: number): boolean {
    const { now, config } = this.#context;
    return recentDown.perSecond(now) + recentUp.perSecond(now) >= share * config.busyLinkBytesPerSecond;
  }
}
