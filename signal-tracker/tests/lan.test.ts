import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTracker, type Tracker } from '../compose.ts';
import type { Asset } from '../http/assets/assets.ts';
import { lanAddresses } from '../lan/addresses.ts';
import { openLan, type Lan } from '../lan/lan.ts';

// One port of a local network: https for other devices, and over plain http a page that says so.

const page: Asset = {
  type: 'text/html; charset=utf-8',
  etag: '"page"',
  lastModified: new Date(0).toUTCString(),
  cacheControl: 'no-cache',
  identity: Buffer.from('<title>The app</title>'),
  gzip: null,
  brotli: null,
};

let folder: string;
let lan: Lan;
let tracker: Tracker;
let address: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tabswarm-lan-'));
  lan = await openLan({ HOME: folder, XDG_CONFIG_HOME: folder, CAROOT: folder }, 'linux');
  address = lanAddresses()[0]!;
  tracker = await startTracker({
    port: 0,
    assets: new Map([['/', page]]),
    tls: lan.certificate,
    lan: lan.site(null),
    adminToken: 'long enough a token',
  });
});

afterAll(async () => {
  await tracker.close();
  rmSync(folder, { recursive: true });
});

interface Asked {
  readonly secure?: boolean;
  readonly to?: string;
  readonly host?: string;
  readonly accept?: string;
}

/** Trusts the authority; an attacker's page is led here by its own name, for which the certificate is not. */
function trust(host: string | undefined) {
  const { cert } = lan.site(null).authority;
  return host === undefined ? { ca: cert } : { ca: cert, checkServerIdentity: () => undefined };
}

async function ask(path: string, { secure = true, to = address, host, accept = 'text/html' }: Asked = {}) {
  const headers: Record<string, string> = host === undefined ? { accept } : { accept, host };
  const options = { host: to, port: tracker.port, path, headers, ...trust(host) };
  const sent = secure ? secureRequest(options) : request(options);
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, headers: response.headers, body };
}

const upgrade = async (url: string, host?: string): Promise<number> => {
  const socket = new WebSocket(url, { ...trust(host), ...(host === undefined ? {} : { headers: { host } }) });
  const [status] = await Promise.race([
    once(socket, 'open').then(() => [101]),
    once(socket, 'unexpected-response').then(([, response]) => [(response as IncomingMessage).statusCode ?? 0]),
  ]);
  socket.terminate();
  return Number(status);
};

test('a device that trusts the authority gets the app over https, and the tracker over wss', async () => {
  expect(await ask('/')).toMatchObject({ status: 200, body: '<title>The app</title>' });
  expect(await upgrade(`wss://${address}:${tracker.port}/announce`)).toBe(101);
  expect(JSON.parse((await ask('/api/ice')).body)).toMatchObject({ lanOrigin: lan.originAt(tracker.port) });
});

test('a device that came over plain http learns what to do, whatever the path; a program is told in one sentence', async () => {
  for (const path of ['/', '/library', '/status', '/stats.json', '/monitor.json']) {
    const { status, body } = await ask(path, { secure: false });
    expect([path, status]).toEqual([path, 200]);
    expect(body).toContain(`href="${lan.originAt(tracker.port)}/"`);
  }
  expect(await ask('/stats.json', { secure: false, accept: '*/*' })).toMatchObject({
    status: 426,
    body: 'Only https is served here to other devices.',
  });
  expect(await upgrade(`ws://${address}:${tracker.port}/announce`)).toBe(426);
});

test('this machine gets all of it over plain http, which browsers trust there', async () => {
  for (const to of ['127.0.0.1', 'localhost']) expect((await ask('/', { secure: false, to })).body).toBe('<title>The app</title>');
  expect(await upgrade(`ws://localhost:${tracker.port}/announce`)).toBe(101);
});

test('a foreign name that was led here is refused, over http and https, for pages and sockets', async () => {
  const host = `evil.example:${tracker.port}`;
  expect((await ask('/', { host })).status).toBe(421);
  for (const to of ['127.0.0.1', address]) expect((await ask('/', { secure: false, to, host })).status).toBe(421);
  expect(await upgrade(`wss://${address}:${tracker.port}/announce`, host)).toBe(421);
  expect(await upgrade(`ws://127.0.0.1:${tracker.port}/announce`, host)).toBe(426);
});

test('the certificate of the authority is there to download, and no key', async () => {
  const { headers, body } = await ask('/tabswarm.crt', { secure: false });
  expect(headers['content-type']).toBe('application/x-x509-ca-cert');
  expect(body).toBe(lan.site(null).authority.cert);
  const secret = readFileSync(join(folder, 'tabswarm', 'authority.pem'), 'utf8')
    .split('PRIVATE KEY-----')[1]!
    .trim()
    .slice(0, 40);
  for (const path of [
    '/authority.pem',
    '/server.pem',
    '/tabswarm/authority.pem',
    '/../authority.pem',
    '/tabswarm.crt',
    '/trust',
    '/api/ice',
    '/stats.json',
  ]) {
    for (const secure of [true, false]) expect((await ask(path, { secure })).body).not.toContain(secret);
  }
  expect((await ask('/trust')).body).toContain(lan.facts.fingerprint.replaceAll(':', ' '));
});

test('browsers are not told to insist on https, or they could not accept the warning; the monitor keeps its token', async () => {
  expect((await ask('/')).headers['strict-transport-security']).toBeUndefined();
  expect((await ask('/monitor.json')).status).toBe(401);
});

test('connections that say nothing, or half a request, end with the tracker', async () => {
  const other = await startTracker({ port: 0, tls: lan.certificate, lan: lan.site(null) });
  const clients = ['', 'GET / HTTP/1.1\r\n', '\u0016\u0003'].map((sent) => ({
    sent,
    socket: connect({ port: other.port, host: '127.0.0.1' }),
  }));
  for (const { sent, socket } of clients) {
    await once(socket, 'connect');
    socket.on('error', () => socket.destroy());
    if (sent !== '') socket.write(sent, 'latin1');
    socket.resume();
  }
  const ended = Promise.all(clients.map(({ socket }) => once(socket, 'close')));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const begun = performance.now();
  await other.close();
  await ended;
  expect(performance.now() - begun).toBeLessThan(8000);
});

test('connections that say nothing, or half a request, are closed after 10 s', async () => {
  const clients = ['', 'GET / HTTP/1.1\r\n', '\u0016\u0003'].map((sent) => ({
    sent,
    socket: connect({ port: tracker.port, host: address }),
  }));
  const begun = performance.now();
  for (const { sent, socket } of clients) {
    socket.on('error', () => socket.destroy());
    if (sent !== '') socket.write(sent, 'latin1');
    socket.resume();
  }
  await Promise.all(clients.map(({ socket }) => once(socket, 'close')));
  expect(performance.now() - begun).toBeLessThan(25_000);
});

test('an upgrade that is refused and reset does not end the process', async () => {
  const crashes: unknown[] = [];
  const crashed = (error: unknown): unknown => crashes.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', crashed);
  for (let turn = 0; turn < 40; turn++) {
    const socket = connect({ port: tracker.port, host: address });
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    socket.write(`GET / HTTP/1.1\r\nHost: ${address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    if (turn % 2 === 1) await pause(turn % 7);
    socket.resetAndDestroy();
    await pause(10);
  }
  process.removeAllListeners('uncaughtException');
  for (const other of others) process.on('uncaughtException', other);
  expect(crashes.map(String)).toEqual([]);
});
