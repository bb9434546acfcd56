import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

/**
 * Loads a TypeScript module and all it imports as one file. `runnerImport` reads every imported name through a getter of a module object, which
 * takes a quarter of the time of a simulation; within one file a name is a variable.
 * @param {string} entry
 * @returns {Promise<any>}
 */
export async function loadBundled(entry) {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      ssr: entry,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [result] = Array.isArray(built) ? built : [built];
  if (result === undefined || !('output' in result) || result.output.length > 1) throw new Error(`${entry} was not built in one part`);
  const folder = mkdtempSync(join(tmpdir(), 'tabswarm-module-'));
  try {
    const file = join(folder, 'module.mjs');
    writeFileSync(file, result.output[0].code);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
