import type { Milliseconds } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';

/** What was not used in the last moments may still go at once. Longer, and the first second of a transfer would be far over the limit. */
const burstMs: Milliseconds = 100;

/** A slot lasts at least this long, so that timers, which are 4 to 10 ms late, wake one link a slot and not several. */
const slotMs: Milliseconds = 20;

/**
 * A token bucket that is booked ahead: each link books one slot, and slots follow each other in the order of booking. So all links get the
 * same share of it, whichever torrent they belong to, and none is starved. One limit may be shared by several torrents on the same clock.
 */
export class BandwidthLimit {
  #bytesPerSecond: number | null = null;
  /** Everything before is booked. */
  #bookedUntil: Milliseconds = Number.NEGATIVE_INFINITY;
  #version = 0;

  /** `null`: no limit. */
  get bytesPerSecond(): number | null {
    return this.#bytesPerSecond;
  }

  /** Bookings end with the rate: they were made for another one. */
  set bytesPerSecond(bytesPerSecond: number | null) {
    if (bytesPerSecond === this.#bytesPerSecond) return;
    this.#bytesPerSecond = bytesPerSecond;
    this.#bookedUntil = Number.NEGATIVE_INFINITY;
    this.#version++;
  }

  /** A step towards another rate. Bookings stay: a rate that changes several times a second would begin each time with a burst. */
  follow(bytesPerSecond: number): void {
    if (this.#bytesPerSecond === null) this.bytesPerSecond = bytesPerSecond;
    else this.#bytesPerSecond = bytesPerSecond;
  }

  /** Changes with the rate. */
  get version(): number {
    return this.#version;
  }

  /** At least a block. */
  get slotBytes(): number {
    return Math.max(blockBytes, Math.floor(((this.#bytesPerSecond ?? Number.POSITIVE_INFINITY) * slotMs) / 1000));
  }

  /** Books the next slot and returns when it begins; at once where there is no limit. */
  book(now: Milliseconds, bytes: number): Milliseconds {
    if (this.#bytesPerSecond === null) return now;
    const begin = Math.max(this.#bookedUntil, now - burstMs);
    this.#bookedUntil = begin + (bytes * 1000) / this.#bytesPerSecond;
    return begin;
  }

  /** Bytes that were booked and are not used: the slots after them come earlier. */
  giveBack(bytes: number): void {
    if (this.#bytesPerSecond !== null) this.#bookedUntil -= (bytes * 1000) / this.#bytesPerSecond;
  }
}

/** The limits of a torrent, each for all bytes of one direction; all of them hold. */
export interface BandwidthLimits {
  readonly down: readonly BandwidthLimit[];
  readonly up: readonly BandwidthLimit[];
}

export const noLimits: BandwidthLimits = { down: [], up: [] };

export function isLimited({ down, up }: BandwidthLimits): boolean {
  return hasRate(down) || hasRate(up);
}

export function hasRate(limits: readonly BandwidthLimit[]): boolean {
  for (const { bytesPerSecond } of limits) if (bytesPerSecond !== null) return true;
  return false;
}
