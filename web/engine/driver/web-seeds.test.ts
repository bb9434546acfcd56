import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import { blockBytes } from '../../../shared/limits.ts';
import { encodeInfo, encodeTorrent } from '../../../shared/torrent/create.ts';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import { readInfo } from '../../../shared/torrent/metainfo.ts';
import type { OpenTorrent } from '../interfaces.ts';
import { WebSeedFetcher } from './web-seeds.ts';

const files = [
  { path: ['album', 'one.bin'], length: 10_000 },
  { path: ['album', 'empty'], length: 0 },
  { path: ['album', 'two & three.bin'], length: 30_000 },
];
const whole = Buffer.from(Array.from({ length: 40_000 }, (_, at) => (at * 31) & 0xff));
const infoBytes = encodeInfo({ name: 'album', files, pieceLength: blockBytes, pieceHashes: new Uint8Array(60) });
const infoHash = createHash('sha1').update(infoBytes).digest('hex') as InfoHash;
const info = readInfo(infoBytes);
const torrent = { geometry: info.geometry, webSeedPaths: info.files.map(({ webSeedPath }) => webSeedPath) } as unknown as OpenTorrent;

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A fetcher with one web seed that answers like this, and the requests that the web seed got. */
async function seededBy(answer: RequestListener, stalledAfterMs = 30_000) {
  const asked: { url: string; range: string | undefined; cookie: string | undefined; referrer: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const { range, cookie, referer } = request.headers;
    asked.push({ url: request.url!, range, cookie, referrer: referer });
    answer(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { fetcher: new WebSeedFetcher(infoHash, [`${base}/seeds/${infoHash}/`], stalledAfterMs), asked };
}

/** An honest server of the two files. */
const honest: RequestListener = (request, response) => {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const content = request.url!.endsWith('one.bin') ? whole.subarray(0, 10_000) : whole.subarray(10_000);
  response.writeHead(206).end(content.subarray(Number(first), Number(last) + 1));
};

test('a piece is assembled from a range of each of its files, and requests carry no cookies or referrer', async () => {
  const { fetcher, asked } = await seededBy(honest);
  expect(await fetcher.piece(0, torrent, 0)).toEqual(new Uint8Array(whole.subarray(0, blockBytes)));
  expect(asked).toEqual([
    { url: `/seeds/${infoHash}/album/one.bin`, range: 'bytes=0-9999', cookie: undefined, referrer: undefined },
    { url: `/seeds/${infoHash}/album/two%20%26%20three.bin`, range: 'bytes=0-6383', cookie: undefined, referrer: undefined },
  ]);
  expect(await fetcher.piece(0, torrent, 2)).toEqual(new Uint8Array(whole.subarray(2 * blockBytes)));
});

test.each<[string, RequestListener, number | null]>([
  ['the whole file instead of a range', (_, response) => response.writeHead(200).end(whole), null],
  ['fewer bytes', (_, response) => response.writeHead(206).end('few'), null],
  ['more bytes', (_, response) => response.writeHead(206).end(whole), null],
  ['not found', (_, response) => response.writeHead(404).end(), null],
  ['busy', (_, response) => response.writeHead(503, { 'Retry-After': '7' }).end(), 7000],
  ['busy until a date', (_, response) => response.writeHead(503, { 'Retry-After': 'Fri, 31 Dec 1999 23:59:59 GMT' }).end(), null],
  ['a redirect', (_, response) => response.writeHead(302, { Location: '/elsewhere' }).end(), null],
  ['a connection that breaks', (request) => request.socket.destroy(), null],
])('%s is a failure', async (_, answer, retryAfterMs) => {
  const { fetcher, asked } = await seededBy(answer);
  expect(await fetcher.piece(0, torrent, 1)).toEqual({ retryAfterMs });
  expect(asked.map(({ url }) => url)).not.toContain('/elsewhere');
});

test('a file that lies whole in one piece may come without a range', async () => {
  const { fetcher } = await seededBy((request, response) => {
    if (request.url!.endsWith('one.bin')) response.writeHead(200).end(whole.subarray(0, 10_000));
    else honest(request, response);
  });
  expect(await fetcher.piece(0, torrent, 0)).toEqual(new Uint8Array(whole.subarray(0, blockBytes)));
});

test('a stopped fetch reports nothing, and the server stops sending', async () => {
  const responses: ServerResponse[] = [];
  const { fetcher } = await seededBy((_, response) => {
    response.writeHead(206).write(whole.subarray(0, 5000));
    responses.push(response);
  });
  const waiting = fetcher.piece(0, torrent, 0);
  await vi.waitFor(() => expect(responses).toHaveLength(1));
  fetcher.stop();
  expect(await waiting).toBe('stopped');
  await vi.waitFor(() => expect(responses[0]!.closed).toBe(true));
});

test('metadata comes from the .torrent beside the folder; anything else there is a failure', async () => {
  const { fetcher, asked } = await seededBy((_, response) => response.end(encodeTorrent({ infoBytes, trackers: [], webSeeds: [] })));
  expect(await fetcher.metadata(0)).toEqual(infoBytes);
  expect(asked[0]!.url).toBe(`/seeds/${infoHash}.torrent`);
  const other = await seededBy((_, response) => response.end('<html>'));
  expect(await other.fetcher.metadata(0)).toEqual({ retryAfterMs: null });
});

test('a stalled fetch is given up, and the next one asks only for the missing bytes', async () => {
  let stalls = true;
  const { fetcher, asked } = await seededBy((request, response) => {
    if (stalls) response.writeHead(206).write(whole.subarray(blockBytes, blockBytes + 5000));
    else honest(request, response);
  }, 100);
  expect(await fetcher.piece(0, torrent, 1)).toEqual({ retryAfterMs: null });
  stalls = false;
  expect(await fetcher.piece(0, torrent, 1)).toEqual(new Uint8Array(whole.subarray(blockBytes, 2 * blockBytes)));
  const begin = blockBytes - 10_000;
  expect(asked.map(({ range }) => range)).toEqual([
    `bytes=${begin}-${begin + blockBytes - 1}`,
    `bytes=${begin + 5000}-${begin + blockBytes - 1}`,
  ]);
});

test('what broke off at a server without ranges begins anew', async () => {
  const small = {
    geometry: new Geometry(blockBytes, [{ length: 10_000, padding: false }]),
    webSeedPaths: [['one.bin']],
  } as unknown as OpenTorrent;
  let breaks = true;
  const { fetcher } = await seededBy((_, response) => {
    response.writeHead(200, { 'Content-Length': 10_000 });
    if (!breaks) return void response.end(whole.subarray(0, 10_000));
    response.write(whole.subarray(0, 4000), () => setTimeout(() => response.destroy(), 100));
  });
  expect(await fetcher.piece(0, small, 0)).toEqual({ retryAfterMs: null });
  breaks = false;
  // It asks for the rest first.
  expect(await fetcher.piece(0, small, 0)).toEqual({ retryAfterMs: null });
  expect(await fetcher.piece(0, small, 0)).toEqual(new Uint8Array(whole.subarray(0, 10_000)));
});

test('a slow fetch continues as long as it makes progress', async () => {
  const [pieceBytes, stepMs] = [2 * 1024 * 1024, 60];
  const large = Buffer.alloc(pieceBytes, 5);
  const geometry = new Geometry(pieceBytes, [{ length: pieceBytes, padding: false }]);
  const slow = { geometry, webSeedPaths: [['large.bin']] } as unknown as OpenTorrent;
  const { fetcher } = await seededBy((_, response) => {
    let sent = 0;
    response.writeHead(206);
    const timer = setInterval(() => {
      response.write(large.subarray(sent, (sent += Math.ceil(pieceBytes / 10))));
      if (sent >= pieceBytes) clearInterval(timer);
      if (sent >= pieceBytes) response.end();
    }, stepMs);
  }, 250);
  const piece = await fetcher.piece(0, slow, 0);
  expect(piece instanceof Uint8Array && large.equals(piece)).toBe(true);
});
