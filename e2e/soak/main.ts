import { parseArgs } from 'node:util';
import { randomInt } from 'node:crypto';
import { Tally } from './tally.ts';
import { handOverTargets } from './browser/hand-overs.ts';
import { killTargets } from './browser/kills.ts';
import { storageFaultTargets } from './browser/storage-faults.ts';
import { strategyTargets } from './browser/strategies.ts';
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
  ...killTargets,
  ...storageFaultTargets,
  ...handOverTargets,
  ...strategyTargets,
];

/** Each target gets this many turns, so that an interrupted run has tried all of them. */
const turns = 10;

/** Longer runs print their totals after each turn. */
const longRunMs = 15 * 60_000;

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

/** Replies with the findings. */
function printTotals(): number {
  const findings = tallies.reduce((sum, tally) => sum + tally.findings, 0);
  print(`${tallies.reduce((sum, { inputs }) => sum + inputs, 0)} inputs, ${findings} findings`);
  return findings;
}

/** A target whose inputs take longer than its turn waits until the others have had as much time. */
async function soak(): Promise<void> {
  const end = performance.now() + runMs;
  const turnMs = runMs / tallies.length / turns;
  const goesOn = (tally: Tally): boolean => !isInterrupted && tally.inputs < mostInputs && performance.now() < end;
  for (let turn = 1; tallies.some(goesOn); turn++) {
    for (const tally of tallies) await tally.run(turn * turnMs, () => goesOn(tally));
    if (runMs > longRunMs) printTotals();
  }
  for (const tally of tallies) await tally.close();
}

print(`${tallies.length} targets, at most ${values.minutes} minutes, seed ${seed}`);
await soak();
for (const line of tallies.flatMap((tally) => tally.lines())) print(line);
process.exitCode = printTotals() > 0 ? 1 : 0;
