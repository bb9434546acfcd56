import type { Milliseconds } from '../../ids.ts';

/** The shortest delay is looked for among so many periods: long enough to have a pause in each, short enough for a path that changes. */
const periodMs: Milliseconds = 30_000;
const periods = 4;

/**
 * At the beginning of each period everything of this page pauses for a moment (see {@link isPause}). Without it our own queue would become part of
 * the shortest delay after two minutes, and the target would be added to it again and again (RFC 6817, section 4.2, names this drift).
 */
const pauseMs: Milliseconds = 500;

/** So many delays in a row are looked at together. */
const filtered = 3;

/** All links of a page share a clock, so they pause together and the queue really empties. */
export function isPause(now: Milliseconds): boolean {
  return now % periodMs < pauseMs;
}

/**
 * How much longer than at best a message takes one way: what queues there, on a path that is otherwise always the same (RFC 6817, section
 * 3.4.2). Delays are differences of two clocks and may be negative; the clocks drift by 6 ms a minute at most.
 */
export class QueueDelay {
  /** The shortest delay of each period, newest last. */
  readonly #shortest: { readonly period: number; delayMs: Milliseconds }[] = [];
  readonly #recent: Milliseconds[] = [];

  /**
   * Returns the delay that is added by queues. The shortest of three delays in a row counts: a lost packet holds up what comes after it until it
   * is sent again, which is no queue.
   */
  heard(now: Milliseconds, delayMs: Milliseconds): Milliseconds {
    const period = Math.floor(now / periodMs);
    const newest = this.#shortest.at(-1);
    if (newest?.period === period) newest.delayMs = Math.min(newest.delayMs, delayMs);
    else this.#shortest.push({ period, delayMs });
    while (period - (this.#shortest[0]?.period ?? period) >= periods) this.#shortest.shift();
    const baseMs = Math.min(...this.#shortest.map((each) => each.delayMs));
    this.#recent.push(delayMs);
    if (this.#recent.length > filtered) this.#recent.shift();
    return Math.max(0, Math.min(...this.#recent) - baseMs);
  }
}
