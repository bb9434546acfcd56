import type { Milliseconds } from '../../shared/ids.ts';
import { answerableMs } from '../swarms/memory-store.ts';

/** Where an offer came from. */
export interface Origin {
  readonly node: string;
  readonly serial: number;
}

/** A node of 100,000 peers that take five offers of others in each interval remembers this many; about 300 bytes each. */
const maxOrigins = 500_000;

/** Offer → origin for as long as it may be answered, so that an answer costs no look into Redis. */
export class OfferOrigins {
  readonly #offerOrigins = new Map<string, Origin & { readonly until: Milliseconds }>();

  get size(): number {
    return this.#offerOrigins.size;
  }

  remember(key: string, origin: Origin, now: Milliseconds): void {
    this.#offerOrigins.delete(key);
    const [oldest] = this.#offerOrigins.size >= maxOrigins ? this.#offerOrigins.keys() : [];
    if (oldest !== undefined) this.#offerOrigins.delete(oldest);
    this.#offerOrigins.set(key, { ...origin, until: now + answerableMs });
  }

  take(key: string): Origin | null {
    const origin = this.#offerOrigins.get(key);
    this.#offerOrigins.delete(key);
    return origin ?? null;
  }

  /** All live equally long, so the oldest are in front. */
  expire(now: Milliseconds): void {
    for (const [key, { until }] of this.#offerOrigins) {
      if (until > now) return;
      this.#offerOrigins.delete(key);
    }
  }
}
