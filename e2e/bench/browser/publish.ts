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

/** create-torrent, bundled for a page. */
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

/** SHA-1 of `bytes` bytes in memory, piece by piece, in milliseconds. At most 256 MiB are in memory; filling them is not timed. */
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
    // The Worker and its database start before the clock does, as they would before somebody drops a file.
    await page.waitForLoadState('networkidle');
    // The file must not still be on its way to the disk.
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
