/** Pauses before the first, second and third restart. A Worker that dies again and again takes the browser's time for nothing. */
const pausesMs = [500, 4_000, 16_000] as const;

/** A Worker that lived for so long counts as sound. */
const soundMs = 10 * 60_000;

/** When a Worker that died is started again: at most three times in a row. */
export class Restarts {
  #count = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `null`: not any more. @param nowMs monotonic */
  nextPauseMs(nowMs: number): number | null {
    if (nowMs - this.#lastMs > soundMs) this.#count = 0;
    this.#lastMs = nowMs;
    return pausesMs[this.#count++] ?? null;
  }
}
