import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadAssets } from './assets.ts';
import { writeCopies } from './compressed.ts';

const page = `<!doctype html><meta property="og:image" content="/card.png">${'<p>page</p>'.repeat(200)}`;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabswarm-assets-'));
  await writeFile(join(folder, 'index.html'), page);
  await writeFile(join(folder, 'small.css'), 'a{}');
  await writeFile(join(folder, 'picture.png'), Buffer.alloc(2000));
  await writeCopies(folder);
});

afterEach(() => rm(folder, { recursive: true }));

test('the build writes copies beside files that are worth it, and they are no paths of the site', async () => {
  expect((await readdir(folder)).sort()).toEqual(['index.html', 'index.html.br', 'index.html.gz', 'picture.png', 'small.css']);
  expect(gunzipSync(await readFile(join(folder, 'index.html.gz'))).toString()).toBe(page);
  expect(brotliDecompressSync(await readFile(join(folder, 'index.html.br'))).toString()).toBe(page);
  expect([...(await loadAssets(folder)).keys()].sort()).toEqual(['/', '/index.html', '/picture.png', '/small.css']);
});

test('a copy is sent as the build wrote it', async () => {
  await writeFile(join(folder, 'index.html.br'), 'written by the build');
  expect((await loadAssets(folder)).get('/')?.brotli?.toString()).toBe('written by the build');
});

test('a file that was changed after the build, or whose page gets an address, is compressed anew', async () => {
  const decoded = async (origin: string | null): Promise<string> =>
    brotliDecompressSync((await loadAssets(folder, origin)).get('/')!.brotli!).toString();
  expect(await decoded('https://share.example.org')).toContain('content="https://share.example.org/card.png"');
  await writeFile(join(folder, 'index.html'), page.replace('page', 'changed'));
  await utimes(join(folder, 'index.html'), Date.now() / 1000 + 10, Date.now() / 1000 + 10);
  expect(await decoded(null)).toContain('changed');
});

test('where the copies were not deployed, files are compressed at start', async () => {
  for (const name of ['index.html.gz', 'index.html.br']) await rm(join(folder, name));
  expect(gunzipSync((await loadAssets(folder)).get('/')!.gzip!).toString()).toBe(page);
});
