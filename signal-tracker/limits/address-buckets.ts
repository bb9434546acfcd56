import { LRUCache } from 'lru-cache';
import type { Milliseconds } from '../../shared/ids.ts';
import { TokenBucket, type Rate } from './token-bucket.ts';

/** Addresses that are counted at a time; the one that was not seen for longest is forgotten first. */
const maxAddresses = 10_000;

/** One token bucket for each address. */
export class AddressBuckets {
  readonly #rate: Rate;
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: maxAddresses });

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** `key` as `addressKey` returns it. False if the address has used up its tokens. */
  take(key: string, now: Milliseconds): boolean {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#rate, now);
      this.#buckets.set(key, bucket);
    }
    return bucket.take(now, 1);
  }
}
