import { once } from 'node:events';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadAssets } from './assets/assets.ts';
import { startTracker, type Tracker } from '../compose.ts';

const page = `<!doctype html><title>Tabswarm</title>${'<p>page</p>'.repeat(200)}`;
const script = 'export const a = 1;\n'.repeat(100);
let tracker: Tracker;
let folder: string;
let origin: string;

beforeAll(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tabswarm-http-'));
  folder = join(parent, 'web');
  await mkdir(join(folder, 'assets'), { recursive: true });
  const files = {
    'index.html': page,
    'service-worker.js': script,
    'assets/app-1a2b3c.js': script,
    'assets/app-1a2b3c.css': 'a{}',
    'icon.svg': '<svg/>',
    'icon.png': 'png',
    'site.webmanifest': '{}',
    digits: '0123456789',
    '../secret.txt': 'secret',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await utimes(join(folder, 'digits'), 1_700_000_000, 1_700_000_000);
  const stun = ['stun:stun.example.org:3478'];
  tracker = await startTracker({
    port: 0,
    host: '127.0.0.1',
    assets: await loadAssets(folder),
    stun,
    announce: ['wss://tracker.example.org'],
  });
  origin = `http://127.0.0.1:${tracker.port}`;
});

afterAll(async () => {
  await tracker.close();
  await rm(join(folder, '..'), { recursive: true });
});

/** Unlike `fetch` it changes neither path nor headers. */
async function raw(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const sent = request({ host: '127.0.0.1', port: tracker.port, path, headers, method });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

test.each([
  ['/', 'text/html; charset=utf-8'],
  ['/index.html', 'text/html; charset=utf-8'],
  ['/assets/app-1a2b3c.js', 'text/javascript; charset=utf-8'],
  ['/assets/app-1a2b3c.css', 'text/css; charset=utf-8'],
  ['/icon.svg', 'image/svg+xml; charset=utf-8'],
  ['/icon.png', 'image/png'],
  ['/site.webmanifest', 'application/manifest+json; charset=utf-8'],
  ['/digits', 'application/octet-stream'],
])('%s is %s', async (path, type) => {
  const response = await raw(path);
  expect(response.status).toBe(200);
  expect(response.headers['content-type']).toBe(type);
});

test('the page is served byte for byte, also with a query', async () => {
  expect(await (await fetch(`${origin}/?autostart=1`)).text()).toBe(page);
});

test('hashed assets are immutable, everything else is revalidated', async () => {
  expect((await raw('/assets/app-1a2b3c.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect((await raw('/')).headers['cache-control']).toBe('no-cache');
  expect((await raw('/service-worker.js')).headers['cache-control']).toBe('no-cache');
});

test('prefers brotli to gzip to plain, and never uses what the client refuses', async () => {
  const brotli = await raw('/', { 'Accept-Encoding': 'gzip, deflate, br' });
  expect(brotli.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(brotli.body).toString()).toBe(page);
  const gzip = await raw('/', { 'Accept-Encoding': 'gzip;q=0.5, br;q=0' });
  expect(gzip.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(gzip.body).toString()).toBe(page);
  const plain = await raw('/');
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.headers['vary']).toBe('Accept-Encoding');
  expect(new Set([brotli, gzip, plain].map(({ headers }) => headers['etag'])).size).toBe(3);
});

test('304 for a known ETag, one in a list, a weak one, and a date', async () => {
  const { headers } = await raw('/digits');
  for (const known of [headers['etag']!, `"x", ${headers['etag']}`, `W/${headers['etag']}`, '*']) {
    const again = await raw('/digits', { 'If-None-Match': known });
    expect([again.status, again.body.length, again.headers['etag']]).toEqual([304, 0, headers['etag']]);
  }
  expect(headers['last-modified']).toBe(new Date(1_700_000_000_000).toUTCString());
  expect((await raw('/digits', { 'If-Modified-Since': headers['last-modified']! })).status).toBe(304);
  expect((await raw('/digits', { 'If-Modified-Since': new Date(0).toUTCString() })).status).toBe(200);
  expect((await raw('/digits', { 'If-Modified-Since': 'yesterday' })).status).toBe(200);
});

test.each([
  ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
  ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
  ['bytes=10-', 416, '', 'bytes */10'],
  ['bytes=-0', 416, '', 'bytes */10'],
  ['bytes=5-2', 200, '0123456789', undefined],
  ['bytes=0-1,3-4', 200, '0123456789', undefined],
  ['bytes=-', 200, '0123456789', undefined],
  ['lines=0-1', 200, '0123456789', undefined],
])('Range: %s gives %i', async (range, status, body, contentRange) => {
  const response = await raw('/digits', { Range: range });
  expect([response.status, response.body.toString(), response.headers['content-range']]).toEqual([status, body, contentRange]);
});

test('ranges are of the plain bytes; If-Range ties them to one version', async () => {
  const part = await raw('/', { Range: 'bytes=0-8', 'Accept-Encoding': 'br, gzip' });
  expect([part.status, part.body.toString(), part.headers['content-encoding']]).toEqual([206, '<!doctype', undefined]);
  const etag = part.headers['etag']!;
  expect((await raw('/', { Range: 'bytes=0-8', 'If-Range': etag })).status).toBe(206);
  expect((await raw('/', { Range: 'bytes=0-8', 'If-Range': '"other"' })).status).toBe(200);
});

test('HEAD has the headers of GET and no body', async () => {
  const [head, get] = [await raw('/', {}, 'HEAD'), await raw('/')];
  expect(head.body.length).toBe(0);
  expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' });
});

test.each([
  ['', 'en', 'ltr', 'There is nothing at this address'],
  ['tlh, es-MX;q=0.9, en;q=0.8', 'es', 'ltr', 'No hay nada en esta dirección'],
  ['zh-CN,zh;q=0.9', 'zh-Hans', 'ltr', '此地址没有内容'],
  ['ar', 'ar', 'rtl', 'لا يوجد شيء في هذا العنوان'],
  ['de;q=0.1, *;q=0', 'en', 'ltr', 'There is nothing at this address'],
])('the pages of the tracker itself speak what the browser asks for: “%s”', async (accepted, lang, dir, title) => {
  const page = await raw('/nothing', { accept: 'text/html', ...(accepted === '' ? {} : { 'accept-language': accepted }) });
  const html = page.body.toString();
  expect(html).toContain(`<html lang="${lang}" dir="${dir}">`);
  expect(html).toContain(`<h1>${title}</h1>`);
  expect(html).not.toContain('{{');
  expect(page.headers.vary).toContain('Accept-Language');
});

test('the status page carries its texts for its script', async () => {
  const html = (await raw('/status', { 'accept-language': 'ca' })).body.toString();
  const json = /<script type="application\/json" id="texts">\s*(.*)\s*<\/script>/.exec(html)?.[1] ?? '{}';
  expect(JSON.parse(json)).toMatchObject({ live: 'En directe', complete_of: '{seeds} de {all} complets' });
  expect(html).not.toContain('{{');
});

test('a 404 is a page with a link home for browsers, one sentence for programs', async () => {
  const page = await raw('/nothing', { accept: 'text/html,*/*;q=0.8' });
  expect(page.status).toBe(404);
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.body.toString()).toContain('href="/"');
  const style = /href="([^"]+\.css)"/.exec(page.body.toString())?.[1];
  expect((await raw(style ?? '')).status).toBe(200);

  const sentence = await raw('/nothing', { accept: '*/*' });
  expect(sentence.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(sentence.headers['vary']).toBe('Accept');
});

test('unknown paths are 404, other methods 405', async () => {
  expect((await raw('/nothing')).status).toBe(404);
  expect((await raw('/assets/')).status).toBe(404);
  const post = await raw('/', {}, 'POST');
  expect([post.status, post.headers['allow']]).toEqual([405, 'GET, HEAD']);
});

test.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/..\\secret.txt',
  '//etc/passwd',
  '/index.html%00.txt',
  '/__proto__',
  '/constructor',
  `/${'a/'.repeat(3000)}`,
])('%s is not found', async (path) => {
  const response = await raw(path);
  expect(response.status).toBe(404);
  expect(response.body.toString()).not.toContain('secret');
});

/** What the tracker says to these bytes, until it closes. */
async function said(bytes: string): Promise<string> {
  const raw = connect(tracker.port, '127.0.0.1');
  raw.write(bytes);
  let all = '';
  raw.on('data', (chunk: Buffer) => (all += chunk.toString('latin1')));
  await once(raw, 'close');
  return all;
}

test('an offer of another protocol is ignored where HTTP/1.1 can answer', async () => {
  const offer = 'Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
  const health = await said(`GET /healthz HTTP/1.1\r\n${offer}\r\n`);
  expect(health).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/);
  expect(health).toContain('Connection: close');
  expect(await said(`HEAD / HTTP/1.1\r\n${offer}\r\n`)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  expect(await said(`POST /healthz HTTP/1.1\r\n${offer}Content-Length: 2\r\n\r\nab`)).toMatch(/^HTTP\/1\.1 405 /);
  const reset = connect(tracker.port, '127.0.0.1');
  reset.write(`GET /digits HTTP/1.1\r\n${offer}\r\n`);
  await once(reset, 'connect');
  reset.resetAndDestroy();
  expect(await said(`GET /digits HTTP/1.1\r\n${offer}\r\n`)).toMatch(/0123456789$/);
});

test('a NUL byte in the request line is refused by the parser', async () => {
  const socket = connect(tracker.port, '127.0.0.1');
  socket.write('GET /index.html\0.txt HTTP/1.1\r\nHost: x\r\n\r\n');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  expect(chunk.toString()).toMatch(/^HTTP\/1\.1 400 /);
  socket.destroy();
});

test.each(['/', '/assets/app-1a2b3c.js', '/nothing', '/api/ice'])('%s carries the security headers', async (path) => {
  const { headers } = await raw(path);
  const policy = String(headers['content-security-policy']);
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]) {
    expect(policy.split('; ')).toContain(rule);
  }
  expect(policy).not.toContain('unsafe');
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': expect.stringContaining('camera=()'),
  });
  expect(headers['strict-transport-security']).toBeUndefined();
  expect(headers['set-cookie']).toBeUndefined();
});

test('ICE servers and further trackers are served and never cached', async () => {
  const response = await fetch(`${origin}/api/ice`);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toEqual({
    iceServers: [{ urls: 'stun:stun.example.org:3478' }],
    trackers: ['wss://tracker.example.org'],
    catalogue: false,
    lanOrigin: null,
  });
});

test('health and statistics', async () => {
  expect(await (await fetch(`${origin}/healthz`)).text()).toBe('ok');
  expect(await (await fetch(`${origin}/stats.json`)).json()).toMatchObject({
    sockets: 0,
    swarms: 0,
    peers: 0,
    uptimeSeconds: expect.any(Number),
  });
});

test('with a known origin the page names its preview picture by an absolute address, without any name of a share', async () => {
  const real = await loadAssets(join(import.meta.dirname, '../../web'), 'https://share.example.org');
  const text = real.get('/')!.identity.toString();
  expect(text).toContain('<meta property="og:image" content="https://share.example.org/card.png" />');
  expect(text).toMatch(/<meta property="og:title" content="[^"]+" \/>/);
});
