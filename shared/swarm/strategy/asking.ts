import type { Milliseconds } from '../../ids.ts';
import type { Context, Peer } from '../peer/peer.ts';
import { latencyScore } from './peer-rank.ts';

/** Scores are compared so often. */
const everyMs: Milliseconds = 1000;
/** With fewer givers nobody can be spared. */
const leastGivers = 3;
/** A peer below this share of the middle score is slow or unstable, … */
const penalised = 0.5;
/** … and is asked for so many blocks at a time. */
const penalisedBlocks = 2;

/** How much may be asked of a peer at once: of each as much as it takes, or little of those that are slow or unstable (`asking: 'scored'`). */
export class Asking {
  readonly #context: Context;
  #scoredAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #leastScore = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Of the `room` that the peer's window has, what may be used. */
  roomBlocks(peer: Peer, room: number): number {
    if (this.#context.config.asking === 'greedy' || latencyScore(peer) >= this.#threshold()) return room;
    return Math.min(room, Math.max(0, penalisedBlocks - peer.pipeline.inFlightBlocks));
  }

  #threshold(): number {
    const { now, peers } = this.#context;
    if (now - this.#scoredAt < everyMs) return this.#leastScore;
    this.#scoredAt = now;
    const scores = [...peers.values()].filter(({ peerChoking }) => !peerChoking).map(latencyScore);
    const middle = scores.toSorted((a, b) => a - b)[scores.length >> 1] ?? 0;
    this.#leastScore = scores.length < leastGivers ? 0 : penalised * middle;
    return this.#leastScore;
  }
}
