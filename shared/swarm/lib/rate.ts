import type { Milliseconds } from '../../ids.ts';

/** Only a link below 5 kB/s pauses so long between two blocks, and there a shown speed of zero does no harm. */
const quietMs: Milliseconds = 3000;

/** Bytes a second over the last `windowSeconds`, in buckets of one second: a fixed few numbers, whatever the traffic. */
export class Rate {
  /** A plain list: a typed array of so few takes four times the memory, and each link has four rates. */
  readonly #buckets: number[];
  #second = 0;
  // Both are infinite before the first bytes: where a field holds `null` or a number, every write makes an object.
  #startedAt: Milliseconds = Number.POSITIVE_INFINITY;
  #addedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #sum = 0;
  #total = 0;

  constructor(windowSeconds: number) {
    this.#buckets = Array<number>(windowSeconds).fill(0);
  }

  /** All bytes ever added. */
  get total(): number {
    return this.#total;
  }

  add(now: Milliseconds, bytes: number): void {
    this.#advance(now);
    this.#startedAt = Math.min(this.#startedAt, now);
    this.#addedAt = now;
    const slot = this.#second % this.#buckets.length;
    this.#buckets[slot] = (this.#buckets[slot] ?? 0) + bytes;
    this.#sum += bytes;
    this.#total += bytes;
  }

  /** A young rate is divided by its age, but by no less than half a second: a first burst is no speed. */
  perSecond(now: Milliseconds): number {
    this.#advance(now);
    if (this.#sum === 0) return 0;
    const intoSecond = now / 1000 - this.#second;
    const covered = Math.min(this.#buckets.length - 1 + intoSecond, (now - this.#startedAt) / 1000);
    return this.#sum / Math.max(covered, 0.5);
  }

  /** For people: zero once nothing came for `quietMs`, where the mean would still fall for seconds. */
  shown(now: Milliseconds): number {
    return now - this.#addedAt >= quietMs ? 0 : this.perSecond(now);
  }

  #advance(now: Milliseconds): void {
    const second = Math.floor(now / 1000);
    if (second <= this.#second) return;
    const steps = Math.min(second - this.#second, this.#buckets.length);
    for (let i = 1; i <= steps; i++) {
      const slot = (this.#second + i) % this.#buckets.length;
      this.#sum -= this.#buckets[slot] ?? 0;
      this.#buckets[slot] = 0;
    }
    this.#second = second;
    if (this.#sum > 0) return;
    this.#sum = 0;
    this.#startedAt = Number.POSITIVE_INFINITY;
  }
}
