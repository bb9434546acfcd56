import { parseArgs } from 'node:util';
import { randomInt } from 'node:crypto';
import { seededRandom } from '../../shared/random.ts';
import type { Target } from './target.ts';
import { formatTargets } from './targets/formats.ts';
import { pageTargets } from './targets/page.ts';
import { storageTargets } from './targets/storage.ts';
import { swarmTargets } from './targets/swarm.ts';
import { trackerTargets } from './targets/tracker.ts';
import { wireTargets } from './targets/wire.ts';

/** `npm run soak -- [--minutes N] [--seed N] [--only TEXT] [--replay]`; see `e2e/soak/README.md`. */
const targets: readonly Target[] = [
  ...wireTargets,
  ...formatTargets,
  ...trackerTargets,
  ...pageTargets,
  ...storageTargets,
  ...swarmTargets,
];

const usualMostMs = 50;

/** Findings of one target that are printed; a broken target would fill the screen. */
const mostPrinted = 5;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

class Tally {
  inputs = 0;
  findings = 0;
  slowestMs = 0;
  readonly target: Target;
  /** The seeds of a target count up from here. */
  #seed: number;

  constructor(target: Target, seed: number) {
    this.target = target;
    this.#seed = seed;
  }

  /** Takes inputs until the time is up. */
  async run(untilMs: number): Promise<void> {
    do await this.take(this.#seed++ >>> 0);
    while (performance.now() < untilMs);
  }

  async take(seed: number): Promise<void> {
    const { target } = this;
    this.inputs += target.inputs ?? 1;
    try {
      // A machine that is busy with other things makes an input slow once, not three times.
      let took = Infinity;
      for (let tries = 0; tries < 3 && took > (target.mostMs ?? usualMostMs); tries++) took = Math.min(took, await timed(target, seed));
      this.slowestMs = Math.max(this.slowestMs, took);
      if (took > (target.mostMs ?? usualMostMs)) throw new Error(`slow: ${took.toFixed(0)} ms`);
    } catch (error) {
      this.findings++;
      if (this.findings <= mostPrinted)
        print(`FOUND ${target.name}, seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  printCounts(): void {
    const { target, inputs, findings, slowestMs } = this;
    print(
      `${target.name.padEnd(26)} ${String(inputs).padStart(10)} inputs ${String(findings).padStart(6)} found ${slowestMs.toFixed(1).padStart(9)} ms slowest`,
    );
  }
}

async function timed(target: Target, seed: number): Promise<number> {
  const start = performance.now();
  const own = await target.take(seededRandom(seed));
  return typeof own === 'number' ? own : performance.now() - start;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(randomInt(2 ** 32)) },
    only: { type: 'string', default: '' },
    replay: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const chosen = targets.filter(({ name }) => name.includes(values.only));
const tallies = chosen.map((target) => new Tally(target, seed));
/** Each target gets ten turns, so that an interrupted run has tried all of them. */
const turnMs = (Number(values.minutes) * 60_000) / chosen.length / 10;

print(`${chosen.length} targets, ${values.minutes} minutes, seed ${seed}`);
for (const { start } of chosen) await start?.();
for (let turn = 0; turn < (values.replay ? 1 : 10); turn++) {
  for (const tally of tallies) await (values.replay ? tally.take(seed) : tally.run(performance.now() + turnMs));
}
for (const { stop } of chosen) await stop?.();
for (const tally of tallies) tally.printCounts();
const findings = tallies.reduce((sum, tally) => sum + tally.findings, 0);
print(`${tallies.reduce((sum, tally) => sum + tally.inputs, 0)} inputs, ${findings} findings`);
process.exitCode = findings > 0 ? 1 : 0;
