/**
 * The page's JavaScript: the script that index.html loads and everything it imports statically, which a phone must fetch and run
 * before the first interaction. The engine's Worker and lazy chunks are not counted.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = 'dist/web';

/** Static imports of a built module: `import"./x.js"`, `import{a}from"./x.js"`, `export*from"./x.js"`; not `import("./x.js")`. */
const staticImport = /(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{][^'"();]*from\s*)?["']([^'"]+\.js)["']/g;

/** @param {string} html @returns {string[]} */
function entries(html) {
  return [...html.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+\.js)"/g)].map((match) => join(root, match[1] ?? ''));
}

/** @param {string} file @param {Set<string>} seen */
function collect(file, seen) {
  if (seen.has(file)) return;
  seen.add(file);
  for (const match of readFileSync(file, 'utf8').matchAll(staticImport)) collect(join(dirname(file), match[1] ?? ''), seen);
}

/** @returns {number} gzipped bytes of JavaScript before the first interaction */
export function pageScriptBytes() {
  /** @type {Set<string>} */
  const files = new Set();
  for (const entry of entries(readFileSync(join(root, 'index.html'), 'utf8'))) collect(entry, files);
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
}
