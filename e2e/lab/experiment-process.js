/**
 * One experiment in a process of its own: `node experiment-process.js NAME SEEDS`, started by `own-process.ts`. It tells how far it is and, at
 * the end, what it found.
 */
import { runnerImport } from 'vite';

/** @type {{ module: typeof import('./experiments.ts') }} */
const { module: lab } = await runnerImport('./e2e/lab/experiments.ts');

const [name = '', seeds = ''] = process.argv.slice(2);
const mostOftenMs = 1000;

/** @param {import('./own-process.ts').Word} word @returns {void} */
const say = (word) => void process.send?.(word);

// Whoever started it has ended: nobody waits for the result.
process.on('disconnect', () => process.exit(1));

const steps = lab.experimentOf(name).run({ seeds: Number(seeds) });
let saidAt = 0;
let step = await steps.next();
for (; step.done !== true; step = await steps.next()) {
  if (performance.now() < saidAt + mostOftenMs) continue;
  saidAt = performance.now();
  say({ share: step.value });
}
// A large report takes a while: who disconnects before it is out loses it.
process.send?.({ report: step.value }, () => process.disconnect());
