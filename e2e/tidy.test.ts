import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** The house rules that no other tool holds, over every tracked source file, each read once. */
const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.js', '*.svelte'], {
  encoding: 'utf8',
});
const files = new Map(
  paths
    .split('\n')
    .filter((path) => path !== '' && path !== 'e2e/tidy.test.ts')
    .map((path) => [path, readFileSync(path, 'utf8')]),
);

/** `path:line` of every match, comments included: nothing here is right in a comment either. */
function places(pattern: RegExp, where: (path: string) => boolean): string[] {
  const found: string[] = [];
  for (const [path, text] of files) {
    if (!where(path)) continue;
    for (const [at, line] of text.split('\n').entries()) if (pattern.test(line)) found.push(`${path}:${at + 1}: ${line.trim()}`);
  }
  return found;
}

/** The code without its comments, in which clocks may well be spoken of. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

interface Import {
  readonly from: string;
  /** Path inside the repository, or the package's name. */
  readonly to: string;
}

function imports(): Import[] {
  const found: Import[] = [];
  for (const [path, text] of files) {
    for (const [, named, loaded] of codeOf(text).matchAll(
      /^\s*(?:(?:import|export|\}).*?\bfrom|import)\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
    )) {
      const wanted = named ?? loaded ?? '';
      found.push({ from: path, to: wanted.startsWith('.') ? normalize(join(dirname(path), wanted)) : wanted });
    }
  }
  return found;
}

const lineCount = (text: string): number => text.trimEnd().split('\n').length;

const isTest = (path: string): boolean => /\.(test|spec)\.ts$/.test(path) || path.includes('/fixtures/');

/** What code of a folder may import besides itself; the first folder that fits a path counts. */
const worlds: readonly { readonly folder: string; readonly mayImport: readonly string[] }[] = [
  { folder: 'shared/bencode/', mayImport: ['shared/bytes', 'shared/assert', 'shared/limits', 'shared/failure', 'shared/platform'] },
  { folder: 'shared/sim/', mayImport: ['shared/'] },
  { folder: 'shared/wire/', mayImport: ['shared/'] },
  { folder: 'shared/', mayImport: ['shared/'] },
  { folder: 'signal-tracker/', mayImport: ['shared/'] },
  { folder: 'web/bridge/', mayImport: ['shared/', 'web/engine/worker.ts'] },
  { folder: 'web/engine/', mayImport: ['shared/', 'web/bridge/'] },
  { folder: 'web/rtc/', mayImport: ['shared/', 'web/bridge/'] },
  { folder: 'web/service', mayImport: ['shared/', 'web/bridge/'] },
  { folder: 'web/state/', mayImport: ['shared/', 'web/bridge/'] },
  { folder: 'web/', mayImport: ['shared/', 'web/'] },
];

/** Folders of the repository that are worlds; everything else an import names is a package. */
const ours = /^(shared|signal-tracker|web|e2e)\//;

test('shared/ knows no time, no chance and no host', () => {
  const forbidden =
    /\b(Date\.now|new Date|Math\.random|setTimeout|setInterval|queueMicrotask|performance\.|crypto\.|console\.|process\.|Buffer\b)/;
  const guilty = [...files].filter(([path, text]) => path.startsWith('shared/') && !isTest(path) && forbidden.test(codeOf(text)));
  expect(guilty.map(([path]) => path)).toEqual([]);
});

test('shared/ imports nothing from outside of it', () => {
  expect(imports().filter(({ from, to }) => from.startsWith('shared/') && !isTest(from) && !to.startsWith('shared/'))).toEqual([]);
});

test('dependencies point one way', () => {
  const climbing = imports().filter(({ from, to }) => {
    const world = worlds.find(({ folder }) => from.startsWith(folder));
    if (world === undefined || isTest(from) || !ours.test(to)) return false;
    return !to.startsWith(world.folder) && !world.mayImport.some((allowed) => to.startsWith(allowed));
  });
  expect(climbing).toEqual([]);
});

test('the swarm, the wire and the formats do not know the simulator', () => {
  expect(imports().filter(({ from, to }) => /^shared\/(?!sim\/)/.test(from) && !isTest(from) && to.startsWith('shared/sim/'))).toEqual([]);
});

test('one file knows simple-peer', () => {
  const knowing = imports().filter(({ to }) => to.startsWith('simple-peer'));
  expect(knowing.map(({ from }) => from)).toEqual(['web/rtc/simple-peer-link.ts']);
});

test('only the log and the tools write to the console', () => {
  const mayWrite = (path: string): boolean => /^(signal-tracker\/(log\.ts|index\.js)|e2e\/(bench|tools)\/)/.test(path);
  expect(places(/\bconsole\.\w+\(/, (path) => !mayWrite(path))).toEqual([]);
});

test('no test is left alone or left out', () => {
  expect(places(/\b(test|it|describe)\.(only|skip|todo|fixme)\b/, isTest)).toEqual([]);
});

test('nothing is put off', () => {
  expect(places(/\b(TODO|FIXME|XXX|HACK)\b/, () => true)).toEqual([]);
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

test('files stay small', () => {
  const longest = 350;
  const long = [...files].filter(([path, text]) => !isTest(path) && lineCount(text) > longest);
  expect(long.map(([path, text]) => `${path}: ${lineCount(text)} lines`)).toEqual([]);
});
