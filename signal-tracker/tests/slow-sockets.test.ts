import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readCertificate } from '../config/certificate.ts';
import { makeCertificate } from '../testing/certificate.ts';
import { id, TestClient } from '../testing/client.ts';
import { startTracker, type Tracker, type TrackerOptions } from '../compose.ts';

// Thousands of sockets that never finish their handshake or never read. Honest clients are answered throughout.

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

function openClient(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  clients.push(socket);
  // A reset is one of the ways in which the tracker ends it; the close event tells all of them.
  socket.on('error', () => socket.destroy());
  socket.resume();
  return socket;
}

const openCount = (sockets: readonly Socket[]): number => sockets.filter(({ closed }) => !closed).length;

async function answered(client: TestClient): Promise<void> {
  client.announce('film', 'ann');
  expect(await client.next(8000)).toMatchObject({ incomplete: 1 });
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

test('3,000 sockets that never finish their upgrade are closed after 10 s and delay nobody', async () => {
  const port = await start();
  const client = await TestClient.open(port);
  const begun = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHN';
  const sockets: Socket[] = [];
  // A few at a time: what the kernel's queue of 511 has no room for looks connected to the client alone.
  while (sockets.length < 3000) {
    const some = Array.from({ length: 200 }, () => openClient(port));
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    sockets.push(...some);
  }
  const startedAt = performance.now();
  expect(openCount(sockets)).toBe(3000);
  // A third says nothing at all, a third stops in the middle, a third goes on one byte a second.
  for (let at = 1000; at < 3000; at++) sockets[at]!.write(begun);
  const dribble = setInterval(() => {
    for (const socket of sockets.slice(2000)) if (socket.writable) socket.write('x');
  }, 1000);
  try {
    while (openCount(sockets) > 0) {
      expect(performance.now() - startedAt).toBeLessThan(25_000);
      await answered(client);
      await pause(500);
    }
  } finally {
    clearInterval(dribble);
  }
});

test('the same over TLS, where the handshake is never finished', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabswarm-slow-'));
  const port = await start({ tls: readCertificate(makeCertificate(folder, 'slow')) });
  await rm(folder, { recursive: true });
  const sockets = Array.from({ length: 300 }, () => openClient(port));
  // The first bytes of a ClientHello of 512, and no more of them.
  for (const socket of sockets) socket.write(Buffer.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01));
  await expect.poll(() => openCount(sockets), { timeout: 30_000 }).toBe(0);
});

test('beyond its limit a tracker accepts no more connections and keeps those it has', async () => {
  const port = await start({ limits: { maxConnections: 20 } });
  const client = await TestClient.open(port);
  const sockets = Array.from({ length: 50 }, () => openClient(port));
  await expect.poll(() => openCount(sockets)).toBe(19);
  await answered(client);
  for (const socket of sockets) socket.destroy();
  await expect
    .poll(() =>
      TestClient.open(port).then(
        () => 'open',
        () => 'refused',
      ),
    )
    .toBe('open');
});

test('when slow readers hold too much together, only those furthest behind are dropped', async () => {
  const megabyte = 1024 * 1024;
  const port = await start({
    limits: { maxBufferedBytes: 64 * megabyte, maxHeldBytes: 8 * megabyte, messages: { burst: 1e6, perSecond: 1e6 } },
  });
  const [ann, ...mutes] = await Promise.all(Array.from({ length: 7 }, () => TestClient.open(port)));
  for (const mute of mutes) mute.socket.pause();
  // A scrape of 100 hashes is answered with 6 kB. The kernels' buffers hold some megabytes before anything waits in ours.
  const hashes = Array.from({ length: 100 }, (_, index) => id(`hash-${index}`));
  for (const [rank, mute] of mutes.entries())
    for (let round = 0; round < (rank < 3 ? 3000 : 1); round++) mute.send({ action: 'scrape', info_hash: hashes });
  await expect
    .poll(
      async () => {
        await answered(ann!);
        return (await (await fetch(`http://127.0.0.1:${port}/stats.json`)).json()).sockets as number;
      },
      { timeout: 60_000 },
    )
    .toBeLessThan(7);
  await pause(2500);
  const { sockets } = (await (await fetch(`http://127.0.0.1:${port}/stats.json`)).json()) as { sockets: number };
  expect(sockets).toBeGreaterThanOrEqual(4);
  for (const mute of mutes.slice(3)) mute.socket.resume();
  for (const mute of mutes.slice(3)) expect(await mute.next()).toMatchObject({ action: 'scrape' });
  for (const mute of mutes) mute.socket.terminate();
});
