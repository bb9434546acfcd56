import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

/**
 * A TypeScript module and all it imports as the text of one file; packages stay imports.
 * @param {import('vite').BuildEnvironmentOptions} output what is built, and for whom: `ssr` or `lib`
 * @returns {Promise<string>}
 */
export async function bundle(output) {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: { write: false, minify: false, target: 'es2022', rolldownOptions: { output: { codeSplitting: false } }, ...output },
  });
  const [result] = Array.isArray(built) ? built : [built];
  if (result === undefined || !('output' in result) || result.output.length > 1) throw new Error('The module was not built in one part');
  return result.output[0].code;
}

/**
 * Loads a TypeScript module that needs no package as one file. `runnerImport` reads every imported name through a getter of a module object,
 * which takes a quarter of the time of a simulation; within one file a name is a variable.
 * @param {string} entry
 * @returns {Promise<any>}
 */
export async function loadBundled(entry) {
  const code = await bundle({ ssr: entry });
  const folder = mkdtempSync(join(tmpdir(), 'tabswarm-module-'));
  try {
    const file = join(folder, 'module.mjs');
    writeFileSync(file, code);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
