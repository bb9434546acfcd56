import { LRUCache } from 'lru-cache';
import type { Milliseconds } from '../../shared/ids.ts';
import { answerableMs } from '../swarms/memory-store.ts';

/** The node and peer that made an offer. */
export interface Origin {
  readonly node: string;
  readonly serial: number;
}

/** A node of 100,000 peers that each receive five offers from other nodes in an interval remembers this many; about 300 bytes each. */
const maxOrigins = 500_000;

/**
 * Maps offers to their origins for as long as they may be answered, so that an answer needs no look-up in Redis. Not a `Map` that drops its first
 * key when it is full: finding that key skips every deleted one, and 500,000 insertions at the limit took more than ten minutes.
 */
export class OfferOrigins {
  readonly #origins = new LRUCache<string, Origin & { readonly until: Milliseconds }>({ max: maxOrigins });

  get size(): number {
    return this.#origins.size;
  }

  remember(key: string, origin: Origin, now: Milliseconds): void {
    this.#origins.set(key, { ...origin, until: now + answerableMs });
  }

  take(key: string): Origin | null {
    const origin = this.#origins.peek(key);
    this.#origins.delete(key);
    return origin ?? null;
  }

  /** All live equally long, so the oldest come first. */
  expire(now: Milliseconds): void {
    for (const key of this.#origins.rkeys()) {
      if ((this.#origins.peek(key)?.until ?? now) > now) return;
      this.#origins.delete(key);
    }
  }
}
