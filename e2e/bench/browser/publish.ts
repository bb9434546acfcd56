import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'vite';
import { openApp, shareLink } from '../../harness/app/app.ts';
import { Lab } from '../../harness/lab.ts';
import { median, type Bench } from '../figures.ts';

/** Four times the size of the other figures: 1 GiB by default. */
const times = 4;

interface Seconds {
  readonly ours: number;
  readonly subtleCrypto: number;
  readonly createTorrent: number;
}

/** create-torrent as one script for a page; of Node's path it only needs the last part of a name. */
async function createTorrentScript(lab: Lab): Promise<string> {
  const outDir = lab.fresh('create-torrent');
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    resolve: { alias: { path: join(process.cwd(), 'e2e', 'pages', 'path.js') } },
    build: {
      outDir,
      lib: {
        entry: join('node_modules', 'create-torrent', 'index.js'),
        formats: ['iife'],
        name: 'createTorrent',
        fileName: () => 'page.js',
      },
    },
  });
  return join(outDir, 'page.js');
}

declare global {
  interface Window {
    createTorrent: { default(file: File, done: (error: Error | null) => void): void };
  }
}

/** SHA-1 of `bytes` bytes that lie in memory, piece by piece, in milliseconds. Memory holds a part of them at a time; that is not timed. */
async function hashInMemory([bytes, pieceBytes]: readonly [number, number]): Promise<number> {
  const partBytes = Math.min(bytes, 256 * 1024 * 1024);
  const part = new Uint8Array(partBytes);
  for (let at = 0; at < partBytes; at += 65_536) crypto.getRandomValues(part.subarray(at, at + 65_536));
  const start = performance.now();
  for (let done = 0; done < bytes; done += partBytes) {
    for (let at = 0; at < partBytes; at += pieceBytes) await crypto.subtle.digest('SHA-1', part.subarray(at, at + pieceBytes));
  }
  return performance.now() - start;
}

/** Hashing a chosen file until its torrent is ready, in milliseconds. */
function makeTorrent(): Promise<number> {
  const file = document.querySelector('input')?.files?.[0];
  const start = performance.now();
  return new Promise((resolve, reject) => {
    if (file === undefined) reject(new Error('no file was chosen'));
    else window.createTorrent.default(file, (error) => (error === null ? resolve(performance.now() - start) : reject(error)));
  });
}

async function publishOnce(bytes: number): Promise<Seconds> {
  const lab = new Lab();
  try {
    const tracker = await lab.tracker();
    const site = await lab.site();
    const payload = await lab.payload('payload.bin', bytes);
    const page = await (await lab.browser()).page();
    await openApp(page, tracker.url);
    // Nobody drops a file on a page that is not there yet: its Worker and database are started before the clock is.
    await page.waitForLoadState('networkidle');
    // Nor is the file being written while it is read.
    execFileSync('sync');
    const start = performance.now();
    await page.getByTestId('file-input').setInputFiles(payload.path);
    await shareLink(page, 600_000);
    const ours = performance.now() - start;

    const other = await (await lab.browser()).page();
    await other.goto(site.url);
    const subtleCrypto = await other.evaluate(hashInMemory, [bytes, 1024 * 1024] as const);
    await other.addScriptTag({ path: await createTorrentScript(lab) });
    await other.locator('input').setInputFiles(payload.path);
    const createTorrent = await other.evaluate(makeTorrent);
    return { ours: ours / 1000, subtleCrypto: subtleCrypto / 1000, createTorrent: createTorrent / 1000 };
  } finally {
    await lab.close();
  }
}

/** From choosing a file to its link, beside what hashing alone costs and beside create-torrent. */
export const publish: Bench = {
  name: 'publish',
  async measure({ bytes, runs }) {
    const rounds: Seconds[] = [];
    for (let round = 0; round < runs; round++) rounds.push(await publishOnce(bytes * times));
    const megabytes = (bytes * times) / 1e6;
    const rate = (of: keyof Seconds): number => megabytes / median(rounds.map((round) => round[of]));
    return [
      { name: 'publishing, Tabswarm: drop until the link is ready', value: rate('ours'), unit: 'MB/s' },
      { name: 'SubtleCrypto on the same bytes in memory', value: rate('subtleCrypto'), unit: 'MB/s' },
      { name: 'create-torrent in a page', value: rate('createTorrent'), unit: 'MB/s' },
      { name: 'publishing over SubtleCrypto', value: rate('ours') / rate('subtleCrypto'), unit: 'x', target: { atLeast: 0.7 } },
    ];
  },
};
