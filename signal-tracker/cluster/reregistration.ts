import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import type { Peer } from '../swarms/swarm.ts';

/** Peers registered in one go, and the pause after each: at most 5,000 a second and node. */
const atOnce = 250;
const pauseMs: Milliseconds = 50;

/** A node waits up to this long before it begins, so that nodes do not all begin at the same moment. */
const jitterMs: Milliseconds = 1000;

/**
 * Registers all peers of this node in Redis again. Each batch waits for the replies to the one before: however many nodes do this at once, Redis is
 * asked no faster than it answers. Otherwise it would be taken for away, and every node would begin again.
 */
export class Reregistration {
  readonly #random: Random;
  readonly #register: (peer: Peer) => Promise<boolean>;
  #run = 0;

  /** `register` returns whether Redis accepted it. */
  constructor(random: Random, register: (peer: Peer) => Promise<boolean>) {
    this.#random = random;
    this.#register = register;
  }

  /** Registers these peers, and drops what is left of an earlier run. Ends early if Redis goes away: the next run begins when it is back. */
  async begin(peers: readonly Peer[]): Promise<void> {
    const run = ++this.#run;
    // The timers do not keep the process alive.
    await sleep(this.#random.below(jitterMs), undefined, { ref: false });
    for (let from = 0; from < peers.length && run === this.#run; from += atOnce) {
      const present = peers.slice(from, from + atOnce).filter(({ slot }) => slot >= 0);
      const accepted = await Promise.all(present.map((peer) => this.#register(peer)));
      if (!accepted.every(Boolean)) return;
      await sleep(pauseMs, undefined, { ref: false });
    }
  }

  stop(): void {
    this.#run += 1;
  }
}
