import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { provideBrowsers } from './harness/system/installed.ts';

/** Runs once before the specs: everything they need is here, or one sentence says what is missing. */
export default function setup(): void {
  provideBrowsers();
  const built = [join('dist', 'web', 'index.html'), join('dist', 'signal-tracker', 'main.js')];
  if (!built.every((file) => existsSync(file))) throw new Error('Tabswarm is not built yet: run "npm run build", then the tests again.');
}
