import type { Milliseconds } from '../../ids.ts';
import type { Context, Peer } from '../peer/peer.ts';

/** A peer may refuse us for as long as a mean source needs for so many turns: others may have come first. */
const patienceTurns = 4;

/** A request that is not answered for so long counts as refused. */
const patienceMs: Milliseconds = 10_000;

/** Whoever gives less than this share of what a mean source gives in that time is a free rider. Slow peers that share their uplink give more. */
const leastShare = 1 / 16;

/** When we are complete a peer gets, of what a mean source gave us, a half and so many times the share that it gave. */
const riderRate = 1 / 2;
const reward = 8;

/** However slow our own download was. */
const longestRestMs: Milliseconds = 300_000;

/**
 * Finds peers that take and do not give. Only the time counts in which a peer had pieces that we lacked and refused them: it choked us, or
 * answered nothing. So nobody is blamed who came after we were complete, who had nothing for us, or who serves us slowly.
 */
export class FreeRiders {
  readonly #context: Context;
  #lastTickAt: Milliseconds = Number.POSITIVE_INFINITY;
  /** While somebody had pieces that we lacked. */
  #leechedMs: Milliseconds = 0;
  /** What a mean source gave us per millisecond. */
  #sourceRate = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Once a second while we lack pieces. */
  tick(): void {
    const { now, peers, config } = this.#context;
    const ms = Math.min(Math.max(0, now - this.#lastTickAt), 2 * config.tickMs);
    this.#lastTickAt = now;
    let sources = 0;
    // Not all that came: web seeds gave some of it, and peers that are gone.
    let gaveBytes = 0;
    let hasUseful = false;
    for (const peer of peers.values()) {
      if (peer.record.gaveBytes > 0) sources++;
      gaveBytes += peer.record.gaveBytes;
      if (isRefusing(peer, now)) peer.record.refusedMs += ms;
      hasUseful ||= peer.usefulPieces > 0;
    }
    if (hasUseful) this.#leechedMs += ms;
    if (sources > 0 && this.#leechedMs > 0) this.#sourceRate = gaveBytes / sources / this.#leechedMs;
  }

  isOne(peer: Peer): boolean {
    return this.#shareOf(peer) < leastShare;
  }

  /** A complete peer lets this one wait for so long after each turn; 0: not at all. */
  restMs(peer: Peer): Milliseconds {
    const share = this.#shareOf(peer);
    return share >= 1 / reward ? 0 : Math.min(this.#turnBytes / ((riderRate + reward * share) * this.#sourceRate), longestRestMs);
  }

  /** What it gave over what a mean source gives in the time in which it refused us; infinite where that is too short to tell. */
  #shareOf({ record: { refusedMs, gaveBytes } }: Peer): number {
    const expectedBytes = refusedMs * this.#sourceRate;
    return expectedBytes >= patienceTurns * this.#turnBytes ? gaveBytes / expectedBytes : Number.POSITIVE_INFINITY;
  }

  get #turnBytes(): number {
    const { metadata, config } = this.#context;
    return Math.max(metadata?.geometry.pieceLength ?? 0, config.leastTurnBytes);
  }
}

function isRefusing({ usefulPieces, peerChoking, askedSince }: Peer, now: Milliseconds): boolean {
  return usefulPieces > 0 && (peerChoking || (askedSince !== null && now - askedSince >= patienceMs));
}
