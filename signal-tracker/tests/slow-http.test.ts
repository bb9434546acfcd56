import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { InfoHash } from '../../shared/ids.ts';
import { startTracker, type Tracker, type TrackerOptions } from '../compose.ts';
import { lanAddresses } from '../lan/addresses.ts';
import type { Asset } from '../http/assets/assets.ts';
import { TestClient } from '../testing/client.ts';

// Clients of the web server that hold on to connections, read slowly, or send many requests at once.

let tracker: Tracker;
const clients: Socket[] = [];

async function start(options: Partial<TrackerOptions> = {}): Promise<number> {
  tracker = await startTracker({ port: 0, host: '127.0.0.1', ...options });
  return tracker.port;
}

afterEach(async () => {
  for (const socket of clients.splice(0)) socket.destroy();
  await tracker.close();
});

/** A client that never closes its own half of a connection. */
async function openClient(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true });
  clients.push(socket);
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const upgrade =
  'GET / HTTP/1.1\r\nHost: x\r\nOrigin: https://elsewhere.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

/** More than the kernel's buffers hold for one connection. */
const large: Asset = {
  type: 'text/plain',
  etag: '"large"',
  lastModified: new Date(0).toUTCString(),
  cacheControl: 'no-cache',
  identity: Buffer.alloc(32 * 1024 * 1024),
  gzip: null,
  brotli: null,
};

const isOpen = (port: number): Promise<boolean> =>
  TestClient.open(port).then(
    (client) => client.close().then(() => true),
    () => false,
  );

test('a refused upgrade is closed at once, also for a client that keeps its half open', async () => {
  const port = await start({ origins: ['https://share.example'], limits: { maxConnections: 20 } });
  for (let count = 0; count < 15; count++) {
    const socket = await openClient(port);
    socket.write(upgrade);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 /);
  }
  for (let count = 0; count < 15; count++) (await openClient(port)).write(upgrade);
  await expect.poll(() => isOpen(port), { timeout: 8000 }).toBe(true);
});

test('connections of one address are limited, whatever they carry', async () => {
  const [lan] = lanAddresses();
  if (lan === undefined) throw new Error('This test needs a network interface besides loopback.');
  const port = await start({ host: '0.0.0.0', limits: { maxConnectionsPerAddress: 5 } });
  const sockets = await Promise.all(Array.from({ length: 12 }, () => openClient(port, lan)));
  for (const socket of sockets) socket.resume().on('end', () => socket.destroy());
  await expect.poll(() => sockets.filter(({ closed }) => !closed).length).toBe(5);
  // Loopback may be a proxy, and is not counted.
  await Promise.all(Array.from({ length: 12 }, async () => (await openClient(port)).write(get('/healthz'))));
  for (const socket of sockets) socket.destroy();
  const next = await openClient(port, lan);
  next.write(get('/healthz'));
  expect(String((await once(next, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
});

test('a client that reads nothing of its answer is closed after a while', async () => {
  const port = await start({ assets: new Map([['/large', large]]), limits: { idleMs: 500, maxConnections: 10 } });
  for (let count = 0; count < 10; count++) (await openClient(port)).pause().write(get('/large'));
  await expect.poll(() => isOpen(port)).toBe(true);
});

test('50 kB of pipelined requests for a large .torrent cost less than 8 MiB', async () => {
  const port = await start();
  const infoHash = '0'.repeat(40) as InfoHash;
  const file = { file: '/nowhere', path: ['large'], length: 1, modifiedMs: 0 };
  const infoBytes = Buffer.from(`d4:name1500000:${'x'.repeat(1_500_000)}e`);
  tracker.seeds.add({ name: 'large', totalBytes: 1, pieceLength: 16_384, files: [file], skipped: [], infoHash, infoBytes });
  const socket = await openClient(port);
  socket.pause();
  const before = process.memoryUsage();
  socket.write(get(`/seeds/${infoHash}.torrent`).repeat(486));
  await new Promise((resolve) => {
    setTimeout(resolve, 1000);
  });
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8 * 1024 * 1024);
  expect((await fetch(`http://127.0.0.1:${port}/seeds/${infoHash}.torrent`)).headers.get('content-length')).toMatch(/^15\d{5}$/);
});

test('a client that sends more than 16 requests before it reads an answer is disconnected', async () => {
  const port = await start({ assets: new Map([['/large', large]]) });
  const patient = await openClient(port);
  patient.write(get('/healthz').repeat(10));
  let answers = '';
  patient.on('data', (chunk: Buffer) => (answers += String(chunk)));
  await expect.poll(() => answers.split('HTTP/1.1 200').length - 1).toBe(10);
  const greedy = await openClient(port);
  greedy.resume().on('end', () => greedy.destroy());
  greedy.write(get('/large').repeat(17));
  await expect.poll(() => greedy.closed).toBe(true);
});
