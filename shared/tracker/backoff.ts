import type { Milliseconds } from '../ids.ts';
import type { Random } from '../random.ts';

const firstMs = 1000;
const growth = 1.6;

/**
 * A tracker that was restarted must be found again within 15 s, so for its first minutes an outage is probed at least every 10 s; one of an
 * hour is probed every 30 s.
 */
const shortOutageMs = 3 * 60_000;
const shortOutageCapMs = 10_000;
const capMs = 30_000;

/** When to try a lost connection again: 1–30 s, with jitter, so that a thousand tabs do not return at the same moment. */
export class Backoff {
  readonly #random: Random;
  #failures = 0;
  #since: Milliseconds = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The connection was lost or could not be made: returns how long to wait. */
  failed(now: Milliseconds): Milliseconds {
    if (this.#failures === 0) this.#since = now;
    const cap = now - this.#since < shortOutageMs ? shortOutageCapMs : capMs;
    const fullMs = Math.min(firstMs * 2 * growth ** this.#failures, cap);
    this.#failures++;
    return Math.max(firstMs, fullMs / 2 + this.#random.below(Math.ceil(fullMs / 2)));
  }

  /** The connection works again. */
  reset(): void {
    this.#failures = 0;
  }
}
