/** Type-checks every part with the globals of that part only; for components with svelte-check, whose warnings are errors. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';

const checks = [
  ['svelte-check', '--tsconfig', 'web/tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  ...['shared', 'signal-tracker', 'signal-tracker/status', 'web/engine', 'e2e', 'tsconfig.tests.json'].map((project) => [
    'tsc',
    '--pretty',
    '-p',
    project,
  ]),
];

/** @param {readonly string[]} check @returns {Promise<boolean>} */
async function passes(check) {
  const [program = '', ...args] = check;
  const child = spawn(join('node_modules', '.bin', program), args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  return code === 0;
}

/** @returns {Promise<boolean>} */
async function worker() {
  let good = true;
  for (let check = checks.shift(); check; check = checks.shift()) good = (await passes(check)) && good;
  return good;
}

const results = await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
process.exitCode = results.every(Boolean) ? 0 : 1;
