import type { LinkId, Milliseconds, PieceIndex } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import type { Context, Peer } from '../peer/peer.ts';

interface Ranked {
  readonly link: LinkId;
  /** Bytes a second it gave us lately. */
  readonly rate: number;
}

/** Pieces looked at to count the rarest, evenly spaced: 55 peers are then asked about 110,000 pieces a round. */
const mostCounted = 2048;

/** Latencies below this are all good. */
const baseMs: Milliseconds = 100;
/** One block that did not come in time weighs as many that came. */
const lateWeight = 16;

/**
 * How many of a peer's blocks came in time, over its latency in seconds. Latency is the shortest time from request to block; a peer that gave
 * nothing yet counts as good.
 */
export function latencyScore({ pipeline, down }: Peer): number {
  const blocks = 1 + down.total / blockBytes;
  const success = blocks / (blocks + lateWeight * pipeline.lateBlocks);
  return (1000 * success) / (baseMs + pipeline.roundTripMs);
}

/** Who is worth a slot, most first: what tit for tat sorts by. */
export class PeerRank {
  readonly #context: Context;
  #countedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #rarePieces = new Map<LinkId, number>();

  constructor(context: Context) {
    this.#context = context;
  }

  of(peer: Ranked): number {
    switch (this.#context.config.peerRank) {
      case 'rate':
        return peer.rate;
      case 'rarity':
        return this.#rarePiecesOf(peer.link);
      case 'latency':
        return this.#latencyOf(peer.link);
      case 'hybrid':
        return peer.rate * this.#latencyOf(peer.link);
    }
  }

  #latencyOf(link: LinkId): number {
    const peer = this.#context.peers.get(link);
    return peer === undefined ? 0 : latencyScore(peer);
  }

  /** How many of the rarest pieces it has: of those that fewest peers have, complete ones aside. Counted once a moment. */
  #rarePiecesOf(link: LinkId): number {
    if (this.#countedAt !== this.#context.now) this.#count();
    return this.#rarePieces.get(link) ?? 0;
  }

  #count(): void {
    const peers = [...this.#context.peers.values()];
    const traders = peers.filter(({ isComplete }) => !isComplete);
    const rarest = rarestOf(traders, this.#context.metadata?.geometry.pieceCount ?? 0);
    this.#countedAt = this.#context.now;
    this.#rarePieces = new Map(peers.map((peer) => [peer.link, rarest.filter((piece) => peer.has(piece)).length]));
  }
}

function rarestOf(peers: readonly Peer[], pieceCount: number): readonly PieceIndex[] {
  const step = Math.max(1, Math.ceil(pieceCount / mostCounted));
  let least = Number.POSITIVE_INFINITY;
  let rarest: PieceIndex[] = [];
  for (let piece = 0; piece < pieceCount; piece += step) {
    const copies = peers.reduce((count, peer) => count + Number(peer.has(piece)), 0);
    if (copies === 0 || copies > least) continue;
    if (copies < least) rarest = [];
    least = copies;
    rarest.push(piece);
  }
  return rarest;
}
