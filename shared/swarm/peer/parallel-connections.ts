import { maxParallelConnections } from '../../limits.ts';
import { readConnectionSignal, writeConnectionSignal } from '../../wire/extensions/connection-signal.ts';
import type { Downloader } from '../download/downloader.ts';
import type { Event } from '../events.ts';
import { type Context, type Peer, send } from './peer.ts';

/** After so many losses on a link one connection has to do. */
const mostLosses = 3;

/**
 * How many connections a link has. One connection is bounded by its congestion window and by the threads it keeps busy; several carry
 * more wherever neither the path nor the processors are full. So a link that carries much, among few that do, gets more of them. A crowd
 * has connections enough.
 */
export class ParallelConnections {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Who offered the link decides, so that two offers never cross. Said again at each tick: what the host has done already costs nothing. */
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
    // Both sides count the same bytes, a moment apart: half of what the other saw is enough.
    if (signal.type === 'offer' && (signal.connection >= this.#connectionsEach() || !this.#isBusy(peer, 0.5))) return;
    this.#context.out.push({ kind: 'connectionSignal', link: peer.link, signal });
  }

  /** The host has a description for the peer, or has lost a connection, and with it some of the blocks on their way, nobody knows which. */
  onHostEvent(peer: Peer, event: Event & { kind: 'connectionSignal' | 'connectionLost' }, downloader: Downloader | null): void {
    if (event.kind === 'connectionSignal') {
      const payload = writeConnectionSignal(event.signal);
      send(this.#context, peer, { type: 'extended', id: peer.extensions.connections, payload });
      return;
    }
    // What was half read of it has no end, and the next one under its number begins anew.
    peer.connectionDecoders.delete(event.connection);
    if (peer.pipeline.inFlightBlocks === 0) return;
    peer.lostConnections++;
    downloader?.recall(peer);
  }

  /** Without BEP 6 the order of CHOKE and `piece` has a meaning, which several connections do not keep. */
  #mayWiden({ fast, extensions, lostConnections }: Peer): boolean {
    return fast && extensions.connections !== 0 && lostConnections < mostLosses;
  }

  #connectionsEach(): number {
    let busy = 0;
    for (const peer of this.#context.peers.values()) if (this.#isBusy(peer, 1)) busy++;
    return Math.floor(maxParallelConnections / Math.max(1, busy));
  }

  /** By this share of what a busy link carries. */
  #isBusy({ recentDown, recentUp }: Peer, share: number): boolean {
    const { now, config } = this.#context;
    return recentDown.perSecond(now) + recentUp.perSecond(now) >= share * config.busyLinkBytesPerSecond;
  }
}
