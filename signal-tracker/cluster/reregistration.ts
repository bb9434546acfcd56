import type { Milliseconds } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import type { Peer } from '../swarms/swarm.ts';

/** Peers written down again in one go, and the pause after each: at most 5,000 a second and node. */
const atOnce = 250;
const pauseMs: Milliseconds = 50;

/** Up to so long a node waits before it begins, so that nodes do not all begin in the same moment. */
const jitterMs: Milliseconds = 1000;

/**
 * Writes all peers of this node down again. Each few wait for the answers to the few before: however many nodes do so at once, Redis is asked no faster
 * than it answers, or it would be taken for away once more, and everybody begin again.
 */
export class Reregistration {
  readonly #random: Random;
  readonly #register: (peer: Peer) => Promise<boolean>;
  #run = 0;

  /** `register` says whether Redis took it. */
  constructor(random: Random, register: (peer: Peer) => Promise<boolean>) {
    this.#random = random;
    this.#register = register;
  }

  /** Begins with these, and drops what is left of an earlier run. Ends early when Redis goes away: then it is begun again when it is back. */
  async begin(peers: readonly Peer[]): Promise<void> {
    const run = ++this.#run;
    await pause(this.#random.below(jitterMs));
    for (let from = 0; from < peers.length && run === this.#run; from += atOnce) {
      const present = peers.slice(from, from + atOnce).filter(({ slot }) => slot >= 0);
      const taken = await Promise.all(present.map((peer) => this.#register(peer)));
      if (!taken.every(Boolean)) return;
      await pause(pauseMs);
    }
  }

  stop(): void {
    this.#run += 1;
  }
}

/** Does not keep the process alive: there is nothing to write down once everything else has ended. */
function pause(ms: Milliseconds): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
