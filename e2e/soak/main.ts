import { parseArgs } from 'node:util';
import { randomInt } from 'node:crypto';
import { Tally } from './tally.ts';
import type { Target } from './target.ts';
import { formatTargets } from './targets/formats.ts';
import { pageTargets } from './targets/page.ts';
import { storageTargets } from './targets/storage.ts';
import { swarmTargets } from './targets/swarm.ts';
import { trackerTargets } from './targets/tracker.ts';
import { wireTargets } from './targets/wire.ts';

/** `npm run soak -- [--minutes N] [--inputs N] [--seed N] [--only TEXT,TEXT] [--replay]`; see `e2e/soak/README.md`. */
const targets: readonly Target[] = [
  ...wireTargets,
  ...formatTargets,
  ...trackerTargets,
  ...pageTargets,
  ...storageTargets,
  ...swarmTargets,
];

/** Each target gets this many turns, so that an interrupted run has tried all of them. */
const turns = 10;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    inputs: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(randomInt(2 ** 32)) },
    only: { type: 'string', default: '' },
    replay: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const runMs = Number(values.minutes) * 60_000;
const mostInputs = values.replay ? 1 : Number(values.inputs);
const wanted = values.only.split(',');
const tallies = targets.filter(({ name }) => wanted.some((part) => name.includes(part))).map((target) => new Tally(target, seed, print));

/** The first interruption ends the run after the current input, so that its counts are printed. */
let isInterrupted = false;
process.once('SIGINT', () => (isInterrupted = true));

async function soak(): Promise<void> {
  const end = performance.now() + runMs;
  const turnMs = runMs / tallies.length / turns;
  for (;;) {
    const unfinished = tallies.filter(({ inputs }) => inputs < mostInputs);
    if (unfinished.length === 0) return;
    for (const tally of unfinished) {
      if (isInterrupted || performance.now() >= end) return;
      const turnEnd = Math.min(end, performance.now() + turnMs);
      await tally.run(() => !isInterrupted && tally.inputs < mostInputs && performance.now() < turnEnd);
    }
  }
}

print(`${tallies.length} targets, at most ${values.minutes} minutes, seed ${seed}`);
await soak();
for (const line of tallies.flatMap((tally) => tally.lines())) print(line);
const findings = tallies.reduce((sum, tally) => sum + tally.findings, 0);
print(`${tallies.reduce((sum, { inputs }) => sum + inputs, 0)} inputs, ${findings} findings`);
process.exitCode = findings > 0 ? 1 : 0;
