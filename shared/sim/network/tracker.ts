import type { Milliseconds } from '../../ids.ts';
import { shuffle } from '../../random.ts';
import type { Random } from '../../random.ts';
import type { Node } from './node.ts';

export interface TrackerConfig {
  /** Most random peers introduced per announce. WebTorrent sends 5 offers, we send up to 20. */
  readonly numwant: number;
  readonly announceMs: Milliseconds;
  /** Announce interval during an outage. */
  readonly retryMs: Milliseconds;
  /** Time ranges of outages. */
  readonly outages: readonly (readonly [Milliseconds, Milliseconds])[];
}

export const defaultTracker: TrackerConfig = { numwant: 20, announceMs: 30_000, retryMs: 5000, outages: [] };

/** Introduces random peers of the swarm to each peer that announces. */
export class Tracker {
  readonly config: TrackerConfig;
  readonly #random: Random;
  readonly #swarm: Node[] = [];

  constructor(config: TrackerConfig, random: Random) {
    this.config = config;
    this.#random = random;
  }

  isUp(now: Milliseconds): boolean {
    return this.config.outages.every(([from, until]) => now < from || now >= until);
  }

  /** Returns at most `numwant` other peers, in random order. */
  announce(node: Node): Node[] {
    const others = this.#swarm.filter((other) => other !== node);
    if (!this.#swarm.includes(node)) this.#swarm.push(node);
    return shuffle(others, this.#random).slice(0, this.config.numwant);
  }

  /** The node said that it leaves, or its socket broke. */
  left(node: Node): void {
    const index = this.#swarm.indexOf(node);
    if (index >= 0) this.#swarm.splice(index, 1);
  }
}
