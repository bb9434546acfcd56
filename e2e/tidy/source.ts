import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Every file that git knows or would add. */
export const paths: readonly string[] = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n');

/** The text of every source file, the house rules themselves left out. */
export const files: ReadonlyMap<string, string> = new Map(
  paths.filter((path) => /\.(ts|js|svelte)$/.test(path) && !path.startsWith('e2e/tidy')).map((path) => [path, readFileSync(path, 'utf8')]),
);

/** Tests, and what exists for them alone. */
export function isTest(path: string): boolean {
  return /\.(test|spec)\.ts$/.test(path) || /\/(fixtures|testing)\//.test(path);
}

/** The code without its comments. */
export function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

export interface Import {
  readonly from: string;
  /** Path inside the repository, or the package's name. */
  readonly to: string;
}

const importPattern = /^\s*(?:(?:import|export|\}).*?\bfrom|import)\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

function importsOf(path: string, text: string): Import[] {
  return Array.from(codeOf(text).matchAll(importPattern), ([, named, loaded]) => {
    const wanted = (named ?? loaded ?? '').replace(/\?.*$/, '');
    return { from: path, to: wanted.startsWith('.') ? normalize(join(dirname(path), wanted)) : wanted };
  });
}

/** Every import of every file, those of types alone included. */
export const imports: readonly Import[] = [...files].flatMap(([path, text]) => importsOf(path, text));

/** `path:line` of every match, comments included. */
export function places(pattern: RegExp, where: (path: string) => boolean): string[] {
  const found: string[] = [];
  for (const [path, text] of files) {
    if (!where(path)) continue;
    for (const [at, line] of text.split('\n').entries()) if (pattern.test(line)) found.push(`${path}:${at + 1}: ${line.trim()}`);
  }
  return found;
}

/** Groups of files that import each other in a circle (strongly connected components; Tarjan 1972), each sorted. */
export function importCycles(): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) if (files.has(to)) targets.set(from, [...(targets.get(from) ?? []), to]);
  const order = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): number => {
    const place = order.size;
    let low = place;
    order.set(file, place);
    stack.push(file);
    for (const target of targets.get(file) ?? []) {
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (stack.includes(target)) low = Math.min(low, order.get(target) ?? low);
    }
    if (low === place) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1) cycles.push(group.toSorted());
    }
    return low;
  };
  for (const file of files.keys()) if (!order.has(file)) visit(file);
  return cycles;
}
