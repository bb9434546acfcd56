import type { Milliseconds } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';

/** Long enough to count blocks, short enough to be current: half a second, or as long as four blocks take, but no more than five seconds. */
const leastMs: Milliseconds = 500;
const leastBytes = 4 * blockBytes;
const mostMs: Milliseconds = 5000;

/** How fast a link carries bytes, from how many had come through at some times. */
export class Throughput {
  readonly #counts: { readonly at: Milliseconds; readonly bytes: number }[] = [];

  heard(now: Milliseconds, bytes: number): void {
    this.#counts.push({ at: now, bytes });
    for (let next = this.#counts[1]; next !== undefined && this.#suffices(now - next.at, bytes - next.bytes); next = this.#counts[1]) {
      this.#counts.shift();
    }
  }

  /** 0 before the second count. */
  get bytesPerSecond(): number {
    const [first, last] = [this.#counts[0], this.#counts.at(-1)];
    if (first === undefined || last === undefined || first.at === last.at) return 0;
    return (1000 * (last.bytes - first.bytes)) / (last.at - first.at);
  }

  #suffices(ms: Milliseconds, bytes: number): boolean {
    return ms >= mostMs || (ms >= leastMs && bytes >= leastBytes);
  }
}
