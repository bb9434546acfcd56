/** `npm run demo -- NAME [--shots DIR]`: a scripted demonstration with real browsers and a real tracker, a line a step. */
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

/** @type {{ module: typeof import('../demo/demos.ts') }} */
const { module: all } = await runnerImport('./e2e/demo/demos.ts');
/** @type {{ module: typeof import('../demo/stage.ts') }} */
const { module: stage } = await runnerImport('./e2e/demo/stage.ts');

const { positionals, values } = parseArgs({ allowPositionals: true, options: { shots: { type: 'string' } } });
const [name = ''] = positionals;
const demo = all.demos[name];

/** @param {string} line @returns {void} */
const print = (line) => void process.stdout.write(`${line}\n`);

if (demo === undefined) {
  process.stderr.write(`Say which: npm run demo -- ${Object.keys(all.demos).join('|')} [--shots DIR]\n`);
  process.exitCode = 1;
} else {
  print(demo.title);
  try {
    await stage.perform(name, demo.play, { shots: values.shots ?? null, print });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
