import type { Milliseconds } from '../../shared/ids.ts';
import { TokenBucket, type Rate } from './token-bucket.ts';

export interface AddressLimits {
  readonly maxSockets: number;
  readonly messages: Rate;
}

/** A school or an office behind one address: 500 tabs, each with ten messages at once and two a second in the long run. */
export const addressLimits: AddressLimits = { maxSockets: 500, messages: { burst: 5000, perSecond: 1000 } };

interface AddressState {
  sockets: number;
  readonly bucket: TokenBucket;
}

/**
 * What one address may use over all its sockets. Loopback is exempt: behind a proxy on this machine everyone comes from there, and programs on this
 * machine have easier ways to harm it.
 */
export class Addresses {
  readonly #limits: AddressLimits;
  readonly #visitors = new Map<string, AddressState>();

  constructor(limits: AddressLimits) {
    this.#limits = limits;
  }

  /** Counts one more socket; false if the address has too many. */
  enter(key: string, now: Milliseconds): boolean {
    if (key === '') return true;
    const visitor = this.#visitors.get(key);
    if (visitor === undefined) {
      this.#visitors.set(key, { sockets: 1, bucket: new TokenBucket(this.#limits.messages, now) });
      return true;
    }
    if (visitor.sockets >= this.#limits.maxSockets) return false;
    visitor.sockets += 1;
    return true;
  }

  /** Charges one message. */
  take(key: string, now: Milliseconds, cost: number): boolean {
    return key === '' || this.#visitors.get(key)?.bucket.take(now, cost) !== false;
  }

  leave(key: string): void {
    const visitor = this.#visitors.get(key);
    if (visitor !== undefined) visitor.sockets -= 1;
  }

  /** Forgets addresses without sockets once their buckets are full again: reconnecting must not refill a bucket. */
  sweep(now: Milliseconds): void {
    for (const [key, visitor] of this.#visitors) {
      if (visitor.sockets <= 0 && visitor.bucket.isFull(now)) this.#visitors.delete(key);
    }
  }
}

/** The key under which an address is limited: IPv4 as it is, IPv6 by its first 64 bits (one household or server has them all), '' for loopback. */
export function addressKey(address: string | undefined): string {
  if (address === undefined || address === '::1') return '';
  const v4 = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  if (v4.includes('.')) return v4.startsWith('127.') ? '' : v4;
  const [head = ''] = address.split('::');
  const groups = address.includes('::') ? [...head.split(':'), '0', '0', '0', '0'] : address.split(':');
  return `${groups.slice(0, 4).join(':')}::`;
}
