import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, parseAst } from 'vite';

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
 * The same program with public names for private ones, which take a twentieth of the time of a simulation: each call of a private method
 * checks its object first. What is private was checked when it was compiled.
 * @param {string} code
 * @returns {string}
 */
function withoutPrivateNames(code) {
  /** @type {number[]} */
  const starts = [];
  /** @param {unknown} node @returns {void} */
  const visit = (node) => {
    if (typeof node !== 'object' || node === null) return;
    if ('type' in node && node.type === 'PrivateIdentifier' && 'start' in node) starts.push(Number(node.start));
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(code));
  let [result, at] = ['', 0];
  for (const start of starts.toSorted((a, b) => a - b)) {
    result += `${code.slice(at, start)}$`;
    at = start + 1;
  }
  return result + code.slice(at);
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
    writeFileSync(file, withoutPrivateNames(code));
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
