import type { Milliseconds } from '../../shared/ids.ts';
import { TokenBucket, type Rate } from './token-bucket.ts';

/** Addresses that are counted at a time; the one that came first is forgotten first. */
const maxAddresses = 10_000;

/** One token bucket for each address that asks for something. */
export class AddressBuckets {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** `key` as `addressKey` makes it. False when the address has had enough. */
  take(key: string, now: Milliseconds): boolean {
    return this.#bucketOf(key, now).take(now, 1);
  }

  forget(key: string): void {
    this.#buckets.delete(key);
  }

  #bucketOf(key: string, now: Milliseconds): TokenBucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    const first = this.#buckets.keys().next();
    if (this.#buckets.size >= maxAddresses && first.done === false) this.#buckets.delete(first.value);
    const bucket = new TokenBucket(this.#rate, now);
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
