import type { Milliseconds } from '../../ids.ts';
import type { BandwidthLimit } from '../bandwidth/bandwidth-limit.ts';
import { isPause } from './queue-delay.ts';

/**
 * The delay that we may add. RFC 6817 allows 100 ms, but a router that queues 100 ms drops packets before that, and nobody gives way: LEDBAT++
 * (draft-irtf-iccrg-ledbat-plus-plus) has 60 ms for that reason.
 */
const targetMs: Milliseconds = 60;

/**
 * How far the rate is from what gets through, at full distance from the target. Delays are known three quarters of a second late: with 0.2 the
 * queue swings, with 0.1 it settles in a few seconds.
 */
const gain = 0.1;

/** Without a queue the rate grows by so much with each delay: by a fifth in a second. */
const growth = 0.05;

/** A queue of five targets and more counts as five: the rate is 0.6 of what gets through. */
const mostDistance = 4;

/** While the queue is shorter than this, it says nothing about what the path carries. */
const emptyMs: Milliseconds = 20;

/**
 * What gets through counts as no less than this part of the rate. A link is handed blocks in batches, so half a second of it may show half of what
 * the line carries: believed, that cost five seconds to grow back (0.87 of the line instead of 0.95).
 */
const believed = 0.8;

/** A link begins with this rate, and grows by half with each delay until the queue shows: 2.5 MB/s are reached in three seconds. */
const firstRate = 32 * 1024;
const quickGrowth = 1.5;

/** So does one whose queue stayed empty for two seconds, up to half of the most that it ever carried: whoever filled the line has left. */
const emptyDelays = 8;

/** What is left of a link, so that it still measures and nobody takes it for dead: a block every four seconds. */
const leastRate = 4096;

/** A rate grows where at least so much of it is used: one that nobody uses says nothing about the path. What gets through lags behind. */
const usedShare = 0.7;
const quicklyUsedShare = 0.45;

/** Below this rate blocks come too seldom to say how much is used. */
const coarseRate = 4 * 16_384;

/** During a pause a link sends this part of its rate. */
const pauseShare = 1 / 4;

/**
 * The rate of one direction of a link that keeps its queue at {@link targetMs}: LEDBAT (RFC 6817) for senders that cannot set a window. While
 * there is a queue, the rate is what gets through, plus a part of it where the queue is short, less a part of it where it is long. While there is
 * none, the rate grows. So alone it fills a path, and beside others, who fill the queue, it gives way.
 */
export class DelayControl {
  readonly #limit: BandwidthLimit;
  #rate = firstRate;
  /** Delays in a row with an empty queue. */
  #empty = emptyDelays;
  /** The most that got through since a queue showed for the first time. */
  #highest = Number.POSITIVE_INFINITY;

  constructor(limit: BandwidthLimit) {
    this.#limit = limit;
  }

  /** From now on the rate is limited. */
  begin(): void {
    this.#limit.follow(this.#rate);
  }

  /** `bytesPerSecond`: what has got through lately. */
  adjust(now: Milliseconds, queueMs: Milliseconds, bytesPerSecond: number): void {
    const pausing = isPause(now);
    if (!pausing) this.#rate = this.#next(queueMs, bytesPerSecond);
    this.#limit.follow(pausing ? Math.max(leastRate, this.#rate * pauseShare) : this.#rate);
  }

  /** The person switched it off. */
  end(): void {
    this.#rate = firstRate;
    this.#empty = emptyDelays;
    this.#highest = Number.POSITIVE_INFINITY;
    this.#limit.bytesPerSecond = null;
  }

  #next(queueMs: Milliseconds, through: number): number {
    if (queueMs < emptyMs) {
      this.#empty++;
      return this.#grown(through);
    }
    this.#empty = 0;
    // A link that carries next to nothing has no part in the queue.
    if (through < leastRate) return this.#rate;
    this.#highest = this.#highest === Number.POSITIVE_INFINITY ? through : Math.max(this.#highest, through);
    const distance = Math.max((targetMs - queueMs) / targetMs, -mostDistance);
    const carried = Math.max(through, believed * this.#rate);
    return Math.max(leastRate, Math.min(this.#rate * (1 + gain * Math.max(distance, 0)), carried * (1 + gain * distance)));
  }

  #grown(through: number): number {
    const isQuick = this.#empty > emptyDelays && this.#rate < this.#highest / 2;
    const isUsed = through >= this.#rate * (isQuick ? quicklyUsedShare : usedShare) || this.#rate < coarseRate;
    return isUsed ? this.#rate * (isQuick ? quickGrowth : 1 + growth) : this.#rate;
  }
}
