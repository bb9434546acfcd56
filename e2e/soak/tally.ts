import { seededRandom } from '../../shared/random.ts';
import type { Target } from './target.ts';

const usualMostMs = 50;

/** Findings of one target that are printed with their stack, and those that are printed at all: a broken target would fill the screen. */
const mostStacks = 3;
const mostPrinted = 100;

/** What a run does to one target. */
export class Tally {
  inputs = 0;
  findings = 0;
  slowestMs = 0;
  readonly target: Target;
  readonly #print: (line: string) => void;
  /** The seeds of a target count up from here. */
  #seed: number;
  #usedMs = 0;
  #isStarted = false;

  constructor(target: Target, seed: number, print: (line: string) => void) {
    this.target = target;
    this.#seed = seed;
    this.#print = print;
  }

  /** Takes inputs as long as `goesOn` and until it has used this much time in all. */
  async run(untilUsedMs: number, goesOn: () => boolean): Promise<void> {
    if (!this.#isStarted) await this.target.start?.();
    this.#isStarted = true;
    while (this.#usedMs < untilUsedMs && goesOn()) {
      const start = performance.now();
      await this.#takeSome(goesOn);
      this.#usedMs += performance.now() - start;
    }
  }

  async close(): Promise<void> {
    if (this.#isStarted) await this.target.stop?.();
  }

  /** Inputs of a tenth of a second, then a pause in which signals are heard. */
  async #takeSome(goesOn: () => boolean): Promise<void> {
    const pauseAt = performance.now() + 100;
    do await this.#take(this.#seed++ >>> 0);
    while (goesOn() && performance.now() < pauseAt);
    await new Promise((resolve) => setImmediate(resolve));
  }

  async #take(seed: number): Promise<void> {
    this.inputs += this.target.inputs ?? 1;
    try {
      await this.#judge(seed);
    } catch (error) {
      this.findings++;
      const text = (this.findings <= mostStacks && error instanceof Error ? error.stack : null) ?? String(error);
      if (this.findings <= mostPrinted) this.#print(`FOUND ${this.target.name}, seed ${seed}: ${text}`);
    }
  }

  /** A machine that is busy with other things makes an input slow once, not three times. */
  async #judge(seed: number): Promise<void> {
    const mostMs = this.target.mostMs ?? usualMostMs;
    let took = await timed(this.target, seed);
    for (let tries = 1; tries < 3 && took > mostMs; tries++) took = Math.min(took, await timed(this.target, seed));
    this.slowestMs = Math.max(this.slowestMs, took);
    if (took > mostMs) throw new Error(`slow: ${took.toFixed(0)} ms`);
  }

  lines(): string[] {
    const { target, inputs, findings, slowestMs } = this;
    const counts = `${String(inputs).padStart(10)} ${(target.unit ?? 'inputs').padEnd(10)} ${String(findings).padStart(6)} found`;
    return [`${target.name.padEnd(26)} ${counts} ${slowestMs.toFixed(1).padStart(9)} ms slowest`, ...(target.notes?.() ?? [])];
  }
}

async function timed(target: Target, seed: number): Promise<number> {
  const start = performance.now();
  const own = await target.take(seededRandom(seed));
  return typeof own === 'number' ? own : performance.now() - start;
}
