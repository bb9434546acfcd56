import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { borders } from './tidy/borders.ts';
import { codeOf, files, importCycles, imports, isTest, paths, places } from './tidy/source.ts';

/** The house rules that no other tool holds. */

const lineCount = (text: string): number => text.trimEnd().split('\n').length;

test('shared/ knows no time, no chance and no host', () => {
  const forbidden =
    /\b(Date\.now|new Date|Math\.random|setTimeout|setInterval|queueMicrotask|performance\.|crypto\.|console\.|process\.|Buffer\b)/;
  const guilty = [...files].filter(([path, text]) => path.startsWith('shared/') && !isTest(path) && forbidden.test(codeOf(text)));
  expect(guilty.map(([path]) => path)).toEqual([]);
});

test('shared/ imports nothing from outside of it', () => {
  expect(imports.filter(({ from, to }) => from.startsWith('shared/') && !isTest(from) && !to.startsWith('shared/'))).toEqual([]);
});

test('every folder imports only what e2e/tidy/borders.ts allows', () => {
  const crossing = imports.filter(({ from, to }) => {
    const [here, there] = [dirname(from), dirname(to)];
    if (isTest(from) || here === there || !files.has(to)) return false;
    const allowed = borders[here] ?? [];
    return !allowed.includes(there) && !allowed.includes(to);
  });
  expect(crossing.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test('every name in e2e/tidy/borders.ts is there', () => {
  const names = new Set(Object.keys(borders).concat(Object.values(borders).flat()));
  expect([...names].filter((name) => !paths.some((path) => path === name || dirname(path) === name))).toEqual([]);
});

test('no files import each other in a circle, not even for types', () => {
  expect(importCycles()).toEqual([]);
});

test('one file knows simple-peer', () => {
  const knowing = imports.filter(({ to }) => to.startsWith('simple-peer'));
  expect(knowing.map(({ from }) => from)).toEqual(['web/rtc/simple-peer-link.ts']);
});

test('only the log and the tools write to the console', () => {
  const mayWrite = (path: string): boolean => /^(signal-tracker\/(log\.ts|index\.js)|web\/logged\.ts|e2e\/(bench|tools)\/)/.test(path);
  expect(places(/\bconsole\.\w+\(/, (path) => !mayWrite(path))).toEqual([]);
});

test('no test is left alone or left out', () => {
  expect(places(/\b(test|it|describe)\.(only|skip|todo|fixme)\b/, isTest)).toEqual([]);
});

test('nothing is put off', () => {
  expect(places(/\b(TODO|FIXME|XXX|HACK)\b/, () => true)).toEqual([]);
});

test('files stay small', () => {
  const longest = 350;
  const long = [...files].filter(([path, text]) => !isTest(path) && lineCount(text) > longest);
  expect(long.map(([path, text]) => `${path}: ${lineCount(text)} lines`)).toEqual([]);
});

test('folders stay small', () => {
  const most = 17;
  const counts = new Map<string, number>();
  for (const path of paths) if (!/\/(fixtures|results)\//.test(path)) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  expect([...counts].filter(([folder, count]) => folder !== '.' && count > most)).toEqual([]);
});

test('helpers of tests stand in testing/ folders, and no product file uses them', () => {
  const product = [...files.keys()].filter((path) => /^(shared|signal-tracker|web)\//.test(path) && !isTest(path));
  const importers = (path: string): string[] => imports.filter(({ to }) => to === path).map(({ from }) => from);
  const onlyForTests = product.filter((path) => importers(path).length > 0 && importers(path).every(isTest));
  const using = imports.filter(({ from, to }) => product.includes(from) && (/\/testing\//.test(to) || /^(vitest|fast-check)$/.test(to)));
  // The simulator and the lab exist for tests, and for the tools that run them.
  expect(onlyForTests.filter((path) => !/^shared\/(sim|lab)\//.test(path))).toEqual([]);
  expect(using).toEqual([]);
});

test('every part has a README', () => {
  const parts = [
    'shared',
    'shared/swarm',
    'shared/sim',
    'web/engine',
    'web/ui',
    'signal-tracker',
    'signal-tracker/cluster',
    'e2e',
    'e2e/bench',
  ];
  expect(parts.filter((folder) => !existsSync(`${folder}/README.md`))).toEqual([]);
});

/** What a document links to, or names in code marks with its full path; `*` and placeholders left out. */
function namedPaths(document: string): string[] {
  const text = readFileSync(document, 'utf8');
  const links = Array.from(text.matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, path]) => join(dirname(document), path!));
  const marked = Array.from(text.matchAll(/`((?:shared|signal-tracker|web|e2e)\/[\w./-]+)`/g), ([, path]) => path!);
  return [...links, ...marked].filter((path) => !/DATE|NAME|hello/.test(path));
}

test('documents name only files and folders that are there', () => {
  const documents = paths.filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md');
  const missing = documents.flatMap((path) => namedPaths(path).flatMap((name) => (existsSync(name) ? [] : `${path} names ${name}`)));
  expect(missing).toEqual([]);
});

test('ARCHITECTURE.md can be read in a few minutes', () => {
  expect(lineCount(readFileSync('ARCHITECTURE.md', 'utf8'))).toBeLessThanOrEqual(150);
});

test('the README names every option of the tracker, and no other', () => {
  const names = (text: string): string[] => [...new Set(text.match(/--[a-z][a-z-]+/g))].toSorted();
  const table = readFileSync('README.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `--'))
    .join('\n');
  const documented = names(table.replaceAll(/\| [^|]*\|$/gm, ''));
  const help = /export const help = `([^`]*)`/.exec(readFileSync('signal-tracker/config/config.ts', 'utf8'))?.[1] ?? '';
  const lines = help.split('\n').filter((line) => /^ {2}--/.test(line) && !/--(help|version)/.test(line));
  expect(documented).toEqual(names(lines.map((line) => line.slice(0, 24)).join('\n')));
});

/** Whether a range of versions, as packages write it into `engines`, has a Node 20 in it. */
function allowsNode20(range: string): boolean {
  return range.split('||').some((part) => {
    const [, operator = '', major = '0'] = /^\s*([<>=^~v]*)\s*(\d+)?/.exec(part) ?? [];
    return Number(major) === 20 || (operator.startsWith('>') && Number(major) <= 20) || major === '0';
  });
}

// npm warns of every package whose `engines` in package-lock.json exclude the Node that installs it. Of WebTorrent only the build for browsers
// is used, so the lock file leaves the `engines` of it and of `ut_metadata` out; an update brings them back, to be taken out again.
test('the lock file lets Node 20 install everything without a warning', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, { engines?: { node?: string } }> };
  const refusing = Object.entries(lock.packages).filter(([, { engines }]) => !allowsNode20(engines?.node ?? '*'));
  expect(refusing.map(([path, { engines }]) => `${path} wants Node ${engines?.node}`)).toEqual([]);
});
