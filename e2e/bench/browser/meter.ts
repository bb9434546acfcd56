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
  /** Peak proportional set size over the same browser with an empty page, per browser, in megabytes; nothing where it was not looked at. */
  readonly peakMegabytes: readonly number[];
}

const sampleEveryMs = 250;

/** The proportional set size is taken only when resident memory has grown by this much over its highest: a peak may be told so much too low. */
const growthBytes = 4e6;

/**
 * Measures CPU and memory of whole browsers (all their processes) while something runs. Looking at memory takes 100 ms of a processor each
 * time and holds the browser up: speed is measured without.
 */
export class Meter {
  readonly #browsers: readonly Chromium[];
  /** Those whose memory is looked at. */
  readonly #watched: readonly Chromium[];
  readonly #emptyBytes: number[];
  readonly #peakBytes: number[];
  readonly #highestResident: number[];

  /** To be made while every browser shows an empty page. */
  constructor(browsers: readonly Chromium[], { memory = false } = {}) {
    this.#browsers = browsers;
    this.#watched = memory ? browsers : [];
    this.#emptyBytes = this.#watched.map(({ pid }) => pssBytes(pid));
    this.#peakBytes = [...this.#emptyBytes];
    this.#highestResident = this.#watched.map(() => 0);
  }

  /** Runs `transfer`, which receives `bytes` in all and may reply with its own, better clock's seconds. */
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
        peakMegabytes: this.#peakBytes.map((peak, at) => (peak - this.#emptyBytes[at]!) / 1e6),
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
      if (bytes < this.#highestResident[at]! + growthBytes) continue;
      this.#highestResident[at] = bytes;
      this.#peakBytes[at] = Math.max(this.#peakBytes[at]!, pssBytes(this.#watched[at]!.pid));
    }
  }
}

/** Each number of the samples by itself, in the middle. */
export function medianSample(samples: readonly Sample[]): Sample {
  return {
    seconds: median(samples.map((sample) => sample.seconds)),
    megabytesPerSecond: median(samples.map((sample) => sample.megabytesPerSecond)),
    cpuMsPerMegabyte: median(samples.map((sample) => sample.cpuMsPerMegabyte)),
    peakMegabytes: samples[0]!.peakMegabytes.map((_, at) => median(samples.map((sample) => sample.peakMegabytes[at]!))),
  };
}
