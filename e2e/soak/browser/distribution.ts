/** Times in milliseconds, reported as a line. */
export class Distribution {
  readonly #what: string;
  readonly #timesMs: number[] = [];

  constructor(what: string) {
    this.#what = what;
  }

  add(timeMs: number): void {
    this.#timesMs.push(timeMs);
  }

  /** Nothing where nothing was added. */
  lines(): string[] {
    const sorted = this.#timesMs.toSorted((a, b) => a - b);
    if (sorted.length === 0) return [];
    const at = (share: number): string => ((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000).toFixed(2);
    return [`  ${this.#what}: median ${at(0.5)} s, 95 % ${at(0.95)} s, longest ${at(1)} s (${sorted.length})`];
  }
}

/** How often each thing happened, reported as a line. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  lines(): string[] {
    const parts = Array.from(this.#counts, ([what, count]) => `${count} × ${what}`);
    return parts.length === 0 ? [] : [`  ${parts.join(', ')}`];
  }
}
