import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Starts the built tracker: Node 20 cannot run TypeScript, so the program itself is in `main.ts` and its build in `dist`. */

const root = join(import.meta.dirname, '..');
const program = join(root, 'dist', 'signal-tracker', 'main.js');

if (existsSync(program)) {
  /** @type {typeof import('./main.ts')} */
  const { main } = await import(pathToFileURL(program).href);
  await main(root, process.argv.slice(2));
} else {
  console.error('Tabswarm is not built yet: run "npm run build", then start again.');
  process.exitCode = 1;
}
