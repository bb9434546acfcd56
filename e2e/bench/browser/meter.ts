import { itemAt } from '../../../shared/assert.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import { median } from '../figures.ts';
import { cpuSeconds, pssBytes, residentBytes } from '../../harness/system/processes.ts';

/** What one transfer took. */
export interface Sample {
  readonly seconds: number;
  /** 10^6 bytes a second, all receivers together. */
  readonly megabytesPerSecond: number;
  /** CPU of all processes of all browsers, per megabyte received. */
  readonly cpuMsPerMegabyte: number;
  /** Peak proportional set size over the same browser with an empty page, per browser, in megabytes; empty where it was not measured. */
  readonly peakMegabytes: readonly number[];
}

const sampleEveryMs = 250;

/** The proportional set size is read only when resident memory exceeds its highest by this much, so a peak may be too low by as much. */
const growthBytes = 4e6;

/**
 * Measures CPU and memory of whole browsers (all their processes) while something runs. Reading memory takes 100 ms each time and stops the
 * browser meanwhile, so speed is measured without it.
 */
export class Meter {
  readonly #browsers: readonly Chromium[];
  /** Those whose memory is measured. */
  readonly #watched: readonly Chromium[];
  readonly #emptyBytes: number[];
  readonly #peakBytes: number[];
  readonly #highestResident: number[];

  /** Make it while every browser shows an empty page. */
  constructor(browsers: readonly Chromium[], { memory = false } = {}) {
    this.#browsers = browsers;
    this.#watched = memory ? browsers : [];
    this.#emptyBytes = this.#watched.map(({ pid }) => pssBytes(pid));
    this.#peakBytes = [...this.#emptyBytes];
    this.#highestResident = this.#watched.map(() => 0);
  }

  /** Runs `transfer`, in which all receivers together get `bytes`; it may return seconds that it measured more exactly itself. */
  async measure(bytes: number, transfer: () => Promise<number | void>): Promise<Sample> {
    const timer = this.#watched.length > 0 ? setInterval(() => this.#look(), sampleEveryMs) : undefined;
    const cpuBefore = this.#cpu();
    const start = performance.now();
    try {
      const told = await transfer();
      const seconds = told ?? (performance.now() - start) / 1000;
      const cpu = this.#cpu() - cpuBefore;
      this.#look();
      const megabytes = bytes / 1e6;
      return {
        seconds,
        megabytesPerSecond: megabytes / seconds,
        cpuMsPerMegabyte: (cpu * 1000) / megabytes,
        peakMegabytes: this.#peakBytes.map((peak, at) => (peak - itemAt(this.#emptyBytes, at)) / 1e6),
      };
    } finally {
      clearInterval(timer);
    }
  }

  #cpu(): number {
    return this.#browsers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  }

  #look(): void {
    const resident = residentBytes(this.#watched.map(({ pid }) => pid));
    for (const [at, bytes] of resident.entries()) {
      if (bytes < itemAt(this.#highestResident, at) + growthBytes) continue;
      this.#highestResident[at] = bytes;
      this.#peakBytes[at] = Math.max(itemAt(this.#peakBytes, at), pssBytes(itemAt(this.#watched, at).pid));
    }
  }
}

/** The median of each number. */
export function medianSample(samples: readonly Sample[]): Sample {
  return {
    seconds: median(samples.map((sample) => sample.seconds)),
    megabytesPerSecond: median(samples.map((sample) => sample.megabytesPerSecond)),
    cpuMsPerMegabyte: median(samples.map((sample) => sample.cpuMsPerMegabyte)),
    peakMegabytes: itemAt(samples, 0).peakMegabytes.map((_, at) => median(samples.map((sample) => itemAt(sample.peakMegabytes, at)))),
  };
}
