import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMagnet } from '../../shared/torrent/magnet/magnet.ts';
import { readInfo, readTorrent } from '../../shared/torrent/metainfo.ts';
import { parseCidr } from '../limits/trusted-proxies.ts';
import { hashSeed, planSeed, type SeedTorrent } from './seed-torrent.ts';
import { startTracker, type Tracker } from '../compose.ts';

const film = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) & 0xff));
const secret = 'not of any torrent';
let folder: string;
let tracker: Tracker;
let single: SeedTorrent;
let several: SeedTorrent;
let filmPath: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabswarm-seeds-'));
  const album = join(folder, 'my album');
  await mkdir(join(album, 'disc 1'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), secret);
  await writeFile(join(folder, "naïve 'film'.bin"), film);
  await writeFile(join(album, 'cover.html'), '<script>alert(1)</script>');
  await writeFile(join(album, 'disc 1', '100% #1?.txt'), film.subarray(0, 40_000));
  await writeFile(join(album, 'empty'), '');
  await symlink(join(folder, 'secret.txt'), join(album, 'link'));
  tracker = await startTracker({ port: 0, host: '127.0.0.1', limits: { maxAnswers: 2 }, announce: ['wss://tracker.example.org'] });
  single = await hashSeed(await planSeed(join(folder, "naïve 'film'.bin")));
  several = await hashSeed(await planSeed(album));
  tracker.seeds.add(single);
  tracker.seeds.add(several);
  filmPath = `/seeds/${single.infoHash}/${encodeURIComponent(single.name)}`;
});

afterAll(async () => {
  await tracker.close();
  await rm(folder, { recursive: true });
});

/** Unlike `fetch` it does not normalize the path. */
async function raw(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await begun(path, headers, method);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

async function begun(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port: tracker.port, path, headers, method });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

test('the pieces of a torrent are the bytes of its files in order', () => {
  const info = readInfo(several.infoBytes);
  expect(info.files.map(({ webSeedPath }) => webSeedPath.join('/'))).toEqual(
    ['cover.html', 'disc 1/100% #1?.txt', 'empty'].map((name) => `my album/${name}`),
  );
  const all = Buffer.concat([Buffer.from('<script>alert(1)</script>'), film.subarray(0, 40_000)]);
  const hashes = [0, 1, 2].map((piece) =>
    createHash('sha1')
      .update(all.subarray(piece * 16_384, (piece + 1) * 16_384))
      .digest(),
  );
  expect(Buffer.from(info.pieceHashes)).toEqual(Buffer.concat(hashes));
});

test('a file is served byte for byte, as a sandboxed attachment', async () => {
  const { status, headers, body } = await raw(filmPath);
  expect(status).toBe(200);
  expect(body.equals(film)).toBe(true);
  expect(headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': "attachment; filename*=UTF-8''na%C3%AFve%20%27film%27.bin",
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'content-length': '100000',
    'accept-ranges': 'bytes',
  });
});

test.each([
  ['bytes=0-0', 0, 0],
  ['bytes=16384-32767', 16_384, 32_767],
  ['bytes=99000-200000', 99_000, 99_999],
  ['bytes=-500', 99_500, 99_999],
])('%s is 206 with exactly these bytes', async (range, first, last) => {
  const { status, headers, body } = await raw(filmPath, { range });
  expect(status).toBe(206);
  expect(headers['content-range']).toBe(`bytes ${first}-${last}/100000`);
  expect(body.equals(film.subarray(first, last + 1))).toBe(true);
});

test('a range beyond the end is 416; several ranges get the whole file', async () => {
  const beyond = await raw(filmPath, { range: 'bytes=100000-' });
  expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */100000']);
  expect((await raw(filmPath, { range: 'bytes=0-1,5-6' })).status).toBe(200);
});

test('conditional requests: 304 for a known copy, the whole file if If-Range names another one', async () => {
  const { headers } = await raw(filmPath, {}, 'HEAD');
  const etag = headers.etag!;
  expect((await raw(filmPath, { 'if-none-match': `"other", ${etag}` })).status).toBe(304);
  expect((await raw(filmPath, { 'if-modified-since': headers['last-modified']! })).status).toBe(304);
  expect((await raw(filmPath, { 'if-none-match': '"other"' })).status).toBe(200);
  expect((await raw(filmPath, { range: 'bytes=0-9', 'if-range': etag })).status).toBe(206);
  expect((await raw(filmPath, { range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200);
});

test('HEAD has the length and no body; other methods are refused; preflight requests are answered', async () => {
  const head = await raw(filmPath, {}, 'HEAD');
  expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '100000', 0]);
  expect((await raw(filmPath, {}, 'POST')).status).toBe(405);
  const { status, headers } = await raw(filmPath, {}, 'OPTIONS');
  expect(status).toBe(204);
  expect(headers['access-control-allow-headers']).toContain('Range');
});

test('a folder is served by the names in its torrent, without its links', async () => {
  const album = `/seeds/${several.infoHash}/my%20album`;
  expect((await raw(`${album}/disc%201/100%25%20%231%3F.txt`)).body.equals(film.subarray(0, 40_000))).toBe(true);
  expect(await raw(`${album}/empty`)).toMatchObject({ status: 200, headers: { 'content-length': '0' } });
  expect((await raw(`${album}/link`)).status).toBe(404);
  expect((await raw(album)).status).toBe(404);
});

test.each([
  '/seeds',
  '/seeds/',
  '/seeds/../secret.txt',
  '/seeds/%2e%2e/secret.txt',
  '/seeds/HASH/../secret.txt',
  '/seeds/HASH/..%2fsecret.txt',
  '/seeds/HASH/%2e%2e/secret.txt',
  '/seeds/HASH/my%20album/../../secret.txt',
  '/seeds/HASH/my%20album/..%5csecret.txt',
  '/seeds/HASH//etc/passwd',
  '/seeds/HASH/%00',
  '/seeds/HASH/%ff',
  '/seeds/%',
  '/seeds/constructor.torrent',
  `/seeds/${'0'.repeat(40)}.torrent`,
])('only the files of the torrents are served: %s', async (path) => {
  const { status, body } = await raw(path.replace('HASH', several.infoHash));
  expect(status).toBe(404);
  expect(body.toString()).not.toContain(secret);
});

test('the list, the link and the .torrent name the host of the request, and each other', async () => {
  const { seeds } = JSON.parse((await raw('/seeds.json', { host: 'share.example:8000' })).body.toString()) as {
    seeds: { infoHash: string; magnet: string; torrent: string }[];
  };
  expect(seeds.map(({ infoHash }) => infoHash)).toEqual([single.infoHash, several.infoHash]);
  expect(seeds[0]!.torrent).toBe(`http://share.example:8000/seeds/${single.infoHash}.torrent`);
  const magnets = seeds.map(({ magnet }) => readMagnet(magnet));
  expect(magnets[0]).toMatchObject({
    infoHashV1: single.infoHash,
    length: 100_000,
    trackers: ['ws://share.example:8000/announce', 'wss://tracker.example.org'],
    webSeeds: [`http://share.example:8000${filmPath}`],
  });
  expect(magnets[1]!.webSeeds).toEqual([`http://share.example:8000/seeds/${several.infoHash}/`]);

  const { body, headers } = await raw(`/seeds/${several.infoHash}.torrent`);
  expect(headers['access-control-allow-origin']).toBe('*');
  const torrent = readTorrent(body);
  expect(createHash('sha1').update(torrent.infoBytes).digest('hex')).toBe(several.infoHash);
  expect(torrent.webSeeds).toEqual([`http://localhost/seeds/${several.infoHash}/`.replace('localhost', `127.0.0.1:${tracker.port}`)]);
});

test('an invalid Host is not echoed', async () => {
  const { body } = await raw('/seeds.json', { host: 'a.example/"><script>' });
  expect(body.toString()).not.toContain('script');
});

test('too many answers at once get 503 with Retry-After, and sent bytes are counted', async () => {
  const large = join(folder, 'large.bin');
  await writeFile(large, Buffer.alloc(32 * 1024 * 1024));
  const torrent = await hashSeed(await planSeed(large));
  tracker.seeds.add(torrent);
  const path = `/seeds/${torrent.infoHash}/large.bin`;
  const before = tracker.seeds.counts.seedBytes;
  // Nobody reads them, so they keep running.
  const held = [await begun(path), await begun(path)];
  const refused = await raw(filmPath);
  expect([refused.status, refused.headers['retry-after'], refused.headers['access-control-allow-origin']]).toEqual([503, '2', '*']);
  for (const response of held) response.destroy();
  await expect.poll(async () => (await raw(filmPath, { range: 'bytes=0-9' })).status).toBe(206);
  expect(tracker.seeds.counts.seedBytes - before).toBeGreaterThan(0);
  expect(tracker.seeds.counts.seedBytes - before).toBeLessThan(64 * 1024 * 1024);
  const stats = (await (await fetch(`http://127.0.0.1:${tracker.port}/stats.json`)).json()) as { seedBytes: number; seedTorrents: number };
  expect(stats).toMatchObject({ seedTorrents: 3, seedBytes: tracker.seeds.counts.seedBytes });
});

test('four addresses that read nothing cannot shut everyone else out: the slowest answers give way', async () => {
  const large = join(folder, 'slow.bin');
  await writeFile(large, Buffer.alloc(32 * 1024 * 1024));
  const torrent = await hashSeed(await planSeed(large));
  const busy = await startTracker({
    port: 0,
    host: '127.0.0.1',
    trustProxy: [parseCidr('127.0.0.1')!],
    limits: { maxAnswers: 8, maxAnswersPerAddress: 2 },
  });
  busy.seeds.add(torrent);
  const from = async (address: string) => {
    const headers = { 'X-Forwarded-For': `203.0.113.${address}`, Range: 'bytes=0-16777215' };
    const sent = request({ host: '127.0.0.1', port: busy.port, path: `/seeds/${torrent.infoHash}/slow.bin`, headers });
    sent.on('error', () => undefined);
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    return response;
  };
  const length = async (response: IncomingMessage): Promise<number> => {
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    return bytes;
  };
  try {
    const slow = await Promise.all(['1', '1', '2', '2', '3', '3', '4', '4'].map(from));
    expect(slow.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 8 }, () => 206));
    expect((await from('5')).statusCode).toBe(503);
    await expect.poll(async () => (await from('5')).resume().statusCode).toBe(206);
    // Each reader is slow two seconds after its own last chunk, so the next one may be so a little later.
    await expect.poll(async () => length(await from('6'))).toBe(16_777_216);
    // An address that has used up its slots gives way to itself.
    await expect.poll(async () => (await from('1')).resume().statusCode).toBe(206);
  } finally {
    await busy.close();
  }
});

test('a file that changed since it was hashed is 410', async () => {
  const path = join(folder, 'log.txt');
  await writeFile(path, 'first');
  const torrent = await hashSeed(await planSeed(path));
  tracker.seeds.add(torrent);
  await appendFile(path, ' second');
  expect((await raw(`/seeds/${torrent.infoHash}/log.txt`)).status).toBe(410);
});

test('files and folders whose names are not UTF-8 are skipped and named, the others are seeded', async () => {
  const old = join(folder, 'old');
  const bad = (name: string): Buffer => Buffer.concat([Buffer.from(`${old}/${name}`), Buffer.of(0xff)]);
  await mkdir(join(old, 'sub'), { recursive: true });
  await mkdir(bad('folder'));
  await writeFile(join(old, 'sub', 'größe.txt'), 'good');
  await writeFile(bad('file'), 'bad');
  await writeFile(bad('sub/file'), 'bad');
  const plan = await planSeed(old);
  expect(plan.files.map(({ path }) => path.join('/'))).toEqual(['old/sub/größe.txt']);
  expect(plan.skipped.toSorted()).toEqual([String.raw`file\xff`, String.raw`folder\xff`, String.raw`sub/file\xff`]);
  expect((await hashSeed(plan)).totalBytes).toBe(4);
});

test('a missing or empty path is refused with one sentence', async () => {
  await expect(planSeed(join(folder, 'nowhere'))).rejects.toThrow('cannot be read');
  await expect(planSeed(join(folder, 'my album', 'empty'))).rejects.toThrow('is empty');
});

/** How often this process has the file open. */
async function openTimes(path: string): Promise<number> {
  const folderOfOpen = '/proc/self/fd';
  const open = await Promise.allSettled((await readdir(folderOfOpen)).map((name) => readlink(join(folderOfOpen, name))));
  return open.filter((link) => link.status === 'fulfilled' && link.value === path).length;
}

test.runIf(process.platform === 'linux')('who asks for sixteen files in one go and leaves keeps no file open', async () => {
  const path = join(folder, 'large.bin');
  await writeFile(path, Buffer.alloc(20_000_000));
  const large = await hashSeed(await planSeed(path));
  tracker.seeds.add(large);
  const socket = connect(tracker.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET /seeds/${large.infoHash}/large.bin HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(16));
  await expect.poll(() => openTimes(path)).toBeGreaterThan(0);
  socket.destroy();
  await expect.poll(() => openTimes(path)).toBe(0);
});

test('a folder whose list of files peers would refuse is not seeded', async () => {
  const crowded = join(folder, 'crowded');
  const names = Array.from({ length: 45_000 }, (_, at) => 'n'.repeat(200) + at);
  await mkdir(crowded);
  await writeFile(join(crowded, 'content'), 'x');
  for (let at = 0; at < names.length; at += 500) {
    await Promise.all(names.slice(at, at + 500).map((name) => writeFile(join(crowded, name), '')));
  }
  await expect(planSeed(crowded)).rejects.toThrow('peers refuse their list');
});
