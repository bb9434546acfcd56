import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { readCertificate } from '../config/certificate.ts';
import { UsageError } from '../config/usage-error.ts';
import { parseCidr } from '../limits/trusted-proxies.ts';
import { makeCertificate } from '../testing/certificate.ts';
import { id, TestClient } from '../testing/client.ts';
import { startTracker, type Tracker, type TrackerOptions } from '../compose.ts';

// Admission and TLS, over real sockets.

let folder: string;
let tracker: Tracker | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabswarm-admission-'));
});

afterEach(async () => {
  await tracker?.close();
  tracker = null;
  await rm(folder, { recursive: true });
});

async function start(options: Partial<TrackerOptions>): Promise<number> {
  tracker = await startTracker({ port: 0, host: '127.0.0.1', ...options });
  return tracker.port;
}

/** The status of the upgrade: 101 when the socket opened. */
async function knock(url: string, options: ClientOptions = {}): Promise<number> {
  const socket = new WebSocket(url, options);
  const [status] = await Promise.race([
    once(socket, 'open').then(() => [101]),
    once(socket, 'unexpected-response').then(([, response]) => [(response as IncomingMessage).statusCode ?? 0]),
  ]);
  if (status !== 101) socket.terminate();
  return status!;
}

async function commonNameSeen(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

test('with a certificate: the page over https, with HSTS, and the tracker over wss', async () => {
  const files = makeCertificate(folder, 'first');
  const port = await start({ tls: readCertificate(files) });
  const ca = readFileSync(files.cert);
  const sent = get({ host: '127.0.0.1', port, path: '/healthz', ca });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  expect([response.statusCode, response.headers['strict-transport-security']]).toEqual([200, 'max-age=63072000']);

  const socket = new WebSocket(`wss://127.0.0.1:${port}`, { ca });
  await once(socket, 'open');
  socket.send(JSON.stringify({ action: 'announce', info_hash: id('film'), peer_id: id('ann'), numwant: 5, left: 0 }));
  const [reply] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(reply.toString())).toMatchObject({ action: 'announce', info_hash: id('film'), complete: 1 });
});

test('new connections get a new certificate; open ones stay', async () => {
  const port = await start({ tls: readCertificate(makeCertificate(folder, 'first')) });
  const open = new WebSocket(`wss://127.0.0.1:${port}`, { rejectUnauthorized: false });
  await once(open, 'open');
  expect(await commonNameSeen(port)).toBe('first');
  tracker!.renewCertificate(readCertificate(makeCertificate(folder, 'second')));
  expect(await commonNameSeen(port)).toBe('second');
  const pong = once(open, 'pong');
  open.ping();
  await pong;
});

test('plain http on the https port closes that connection only', async () => {
  const port = await start({ tls: readCertificate(makeCertificate(folder, 'first')) });
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
  expect(await commonNameSeen(port)).toBe('first');
});

test('missing, broken or mismatched certificate files are refused with one sentence', async () => {
  const [one, other] = [makeCertificate(folder, 'one'), makeCertificate(folder, 'other')];
  const broken = join(folder, 'broken.pem');
  await writeFile(broken, 'no certificate');
  expect(() => readCertificate({ cert: join(folder, 'none.pem'), key: one.key })).toThrow(
    /^The file of --tls-cert cannot be read: .*none\.pem/,
  );
  for (const pair of [
    { cert: broken, key: one.key },
    { cert: one.cert, key: other.key },
  ]) {
    expect(() => readCertificate(pair)).toThrow(UsageError);
    expect(() => readCertificate(pair)).toThrow(/are not a certificate and its key: /);
  }
});

const oneEach = { address: { maxSockets: 1, messages: { burst: 10, perSecond: 1 } } };

test('with X-Forwarded-For of a trusted proxy, each address behind it has its own limits', async () => {
  const port = await start({ limits: oneEach, trustProxy: [parseCidr('127.0.0.0/8')!] });
  const from = (address: string): Promise<number> => knock(`ws://127.0.0.1:${port}`, { headers: { 'X-Forwarded-For': address } });
  expect(await from('203.0.113.7')).toBe(101);
  expect(await from('203.0.113.7')).toBe(429);
  expect(await from('203.0.113.8')).toBe(101);
  expect(await from('1.2.3.4, 203.0.113.8')).toBe(429);
});

test('messages are counted over all sockets of an address; the flooding one is closed with 1008, others are not', async () => {
  const address = { maxSockets: 9, messages: { burst: 6, perSecond: 0.001 } };
  const port = await start({ limits: { address }, trustProxy: [parseCidr('127.0.0.0/8')!] });
  const from = (client: string): Promise<TestClient> => TestClient.at(`ws://127.0.0.1:${port}`, { headers: { 'X-Forwarded-For': client } });
  const [one, two, neighbour] = [await from('203.0.113.7'), await from('203.0.113.7'), await from('203.0.113.8')];
  for (let time = 0; time < 4; time++) one.announce('film', 'ann');
  for (let time = 0; time < 4; time++) expect(await one.next()).toMatchObject({ incomplete: 1 });
  const closed = once(two.socket, 'close');
  for (let time = 0; time < 3; time++) two.announce('film', 'bob');
  expect((await closed)[0]).toBe(1008);
  for (let time = 0; time < 3; time++) neighbour.announce('film', 'cat');
  expect(await neighbour.next()).toMatchObject({ incomplete: 2 });
});

test('an address shares its part of what is free over all its sockets; others have their own', async () => {
  const port = await start({ limits: { maxSwarms: 101 }, trustProxy: [parseCidr('127.0.0.0/8')!] });
  const from = (client: string): Promise<TestClient> => TestClient.at(`ws://127.0.0.1:${port}`, { headers: { 'X-Forwarded-For': client } });
  const [one, two, neighbour] = [await from('203.0.113.7'), await from('203.0.113.7'), await from('203.0.113.8')];
  const join = (client: TestClient, infoHash: string): Promise<unknown> => {
    client.announce(infoHash, 'ann');
    return client.next();
  };
  expect(await join(one, 'film')).toMatchObject({ incomplete: 1 });
  expect(await join(two, 'song')).toMatchObject({ incomplete: 1 });
  expect(await join(two, 'book')).toHaveProperty('failure reason');
  expect(await join(neighbour, 'book')).toMatchObject({ incomplete: 1 });
});

test('X-Forwarded-For of others is ignored', async () => {
  const port = await start({ limits: oneEach, trustProxy: [parseCidr('10.0.0.0/8')!] });
  for (let count = 0; count < 3; count++) {
    expect(await knock(`ws://127.0.0.1:${port}`, { headers: { 'X-Forwarded-For': '203.0.113.7' } })).toBe(101);
  }
});

test('with a list of origins other pages are refused; programs and our own page are not', async () => {
  const port = await start({ origins: ['https://share.example'] });
  const url = `ws://127.0.0.1:${port}`;
  expect(await knock(url, { origin: 'https://share.example' })).toBe(101);
  expect(await knock(url, { origin: 'https://elsewhere.example' })).toBe(403);
  expect(await knock(url, { origin: `http://127.0.0.1:${port}` })).toBe(101);
  expect(await knock(url)).toBe(101);
});

test('without a certificate of its own, the page about it says so in place of calling the link broken', async () => {
  const port = await start({});
  const response = await fetch(`http://127.0.0.1:${port}/trust`, { headers: { Accept: 'text/html' } });
  expect(response.status).toBe(404);
  expect(await response.text()).toContain('There is no certificate to trust here');
});
