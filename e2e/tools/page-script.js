/**
 * What a first visit fetches. The page's JavaScript is the script that index.html loads, everything it imports statically and the texts in English, which a
 * phone must fetch and run before the first interaction. A visit fetches the engine's Worker and the connections as well, but no view that is loaded later.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = 'dist/web';

/** Static imports of a built module: `import"./x.js"`, `import{a}from"./x.js"`, `export*from"./x.js"`; not `import("./x.js")`. */
const staticImport = /(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{][^'"();]*from\s*)?["']([^'"]+\.js)["']/g;

/** The Worker and the connections: `main.ts` starts both at once. */
const startedAtOnce = /^(?:worker|host)-.*\.js$/;

/** @param {string} extension @returns {string[]} */
function namedInPage(extension) {
  const html = readFileSync(join(root, 'index.html'), 'utf8');
  const named = html.matchAll(/<(?:script[^>]+src|link rel="stylesheet"[^>]+href)="(\/assets\/[^"]+)"/g);
  return [...named].map((match) => join(root, match[1] ?? '')).filter((file) => file.endsWith(extension));
}

/** @param {string} file @param {Set<string>} seen */
function collect(file, seen) {
  if (seen.has(file)) return;
  seen.add(file);
  for (const match of readFileSync(file, 'utf8').matchAll(staticImport)) collect(join(dirname(file), match[1] ?? ''), seen);
}

/** @returns {Set<string>} */
function pageScripts() {
  /** @type {Set<string>} */
  const files = new Set();
  for (const entry of namedInPage('.js')) collect(entry, files);
  // Every visit loads the texts of one language.
  for (const name of readdirSync(join(root, 'assets'))) if (/^text-en-.*\.js$/.test(name)) files.add(join(root, 'assets', name));
  return files;
}

/**
 * Small files have no copy and are sent as they are.
 * @param {Iterable<string>} files @param {'.gz' | '.br'} copy
 */
function sentBytes(files, copy) {
  return [...files].reduce((sum, file) => sum + statSync(existsSync(file + copy) ? file + copy : file).size, 0);
}

/** @returns {number} gzipped bytes of JavaScript before the first interaction */
export function pageScriptBytes() {
  return sentBytes(pageScripts(), '.gz');
}

/** @returns {number} bytes of a first visit as the tracker sends them (brotli): page, styles, scripts, Worker and connections */
export function firstVisitBytes() {
  const files = pageScripts();
  const assets = join(root, 'assets');
  for (const name of readdirSync(assets)) if (startedAtOnce.test(name)) collect(join(assets, name), files);
  for (const file of [join(root, 'index.html'), ...namedInPage('.css')]) files.add(file);
  return sentBytes(files, '.br');
}
