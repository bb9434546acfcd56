/**
 * `npm run screenshots -- [--dir DIR] [--axe] [--only NAME]… [--readme]`: takes pictures of every state and view of the built app, with real
 * browsers and a real tracker, in both themes and three widths. `--axe` checks accessibility too, `--readme` renews the
 * pictures of the README and of the web app manifest.
 */
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

/** @type {{ module: typeof import('../screenshots/walk.ts') }} */
const { module } = await runnerImport('./e2e/screenshots/walk.ts');

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: 'test-results/screenshots' },
    axe: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    readme: { type: 'boolean', default: false },
  },
});
const { dir: directory, axe, only, readme } = values;

/** @param {string} line @returns {void} */
const print = (line) => void process.stdout.write(`${line}\n`);

const findings = await module.walk({ directory, axe, only, print });
if (readme) module.copyKeptPictures(directory);
print(`${findings.length} findings; pictures in ${directory}`);
if (findings.length > 0) process.exitCode = 1;
