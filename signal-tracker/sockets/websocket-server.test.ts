import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { InfoHash, PeerId } from '../../shared/ids.ts';
import { idFromBinary } from '../../shared/tracker/json-fields.ts';
import { writeAnnounce } from '../../shared/tracker/client-messages.ts';
import { id, offers, sdp, TestClient } from '../testing/client.ts';
import { startTracker, type Tracker, type TrackerOptions } from '../compose.ts';

let tracker: Tracker;

async function start(limits: TrackerOptions['limits'] = {}): Promise<number> {
  tracker = await startTracker({ port: 0, host: '127.0.0.1', limits });
  return tracker.port;
}

afterEach(() => tracker.close());

test('an announce is answered with interval and counts, at any path', async () => {
  const client = await TestClient.open(await start(), '/some/path?x=1');
  client.announce('film', 'ann', { event: 'started' });
  const reply = await client.next();
  expect(reply).toEqual({ action: 'announce', info_hash: id('film'), interval: expect.any(Number), complete: 0, incomplete: 1 });
  expect(reply['interval']).toBeGreaterThanOrEqual(108);
  expect(reply['interval']).toBeLessThanOrEqual(132);
});

test('binary frames are read like text frames', async () => {
  const client = await TestClient.open(await start());
  client.send(Buffer.from(JSON.stringify({ action: 'announce', info_hash: id('film'), peer_id: id('ann'), left: 0 })));
  expect(await client.next()).toMatchObject({ complete: 1, incomplete: 0 });
});

test('an offer goes to the other peer, its answer comes back, both rebuilt member by member', async () => {
  const port = await start();
  const [ann, bob] = await Promise.all([TestClient.open(port), TestClient.open(port)]);
  ann.announce('film', 'ann', { left: 0 });
  await ann.next();
  bob.announce('film', 'bob', { ...offers('offer-1', 'offer-2'), extra: 'not relayed' });
  expect(await bob.next()).toMatchObject({ complete: 1, incomplete: 1 });
  const offer = await ann.next();
  expect(offer).toEqual({
    action: 'announce',
    info_hash: id('film'),
    peer_id: id('bob'),
    offer: { type: 'offer', sdp },
    offer_id: id('offer-1'),
  });
  ann.send({
    action: 'announce',
    info_hash: id('film'),
    peer_id: id('ann'),
    to_peer_id: id('bob'),
    answer: { type: 'answer', sdp: 'v=0', extra: 1 },
    offer_id: id('offer-1'),
  });
  expect(await bob.next()).toEqual({
    action: 'announce',
    info_hash: id('film'),
    peer_id: id('ann'),
    answer: { type: 'answer', sdp: 'v=0' },
    offer_id: id('offer-1'),
  });
});

test('a closed socket leaves its swarms at once', async () => {
  const port = await start();
  const [ann, bob] = await Promise.all([TestClient.open(port), TestClient.open(port)]);
  ann.announce('film', 'ann', { left: 0 });
  ann.announce('song', 'ann');
  await ann.settled();
  await ann.close();
  bob.scrape('film');
  expect(await bob.next()).toEqual({ action: 'scrape', files: { [id('film')]: { complete: 0, incomplete: 0, downloaded: 0 } } });
});

test('failures have an action and an info hash', async () => {
  const client = await TestClient.open(await start());
  client.send({ action: 'announce', info_hash: id('film'), peer_id: 'short' });
  expect(await client.next()).toEqual({ action: 'announce', info_hash: id('film'), 'failure reason': expect.stringContaining('peer_id') });
  client.send({ action: 'scrape' });
  expect(await client.next()).toMatchObject({ action: 'scrape', 'failure reason': expect.any(String) });
});

test('a message over 64 KiB closes its socket and no other', async () => {
  const port = await start();
  const [loud, calm] = await Promise.all([TestClient.open(port), TestClient.open(port)]);
  loud.send('x'.repeat(64 * 1024 + 1));
  const [code] = (await once(loud.socket, 'close')) as [number];
  expect(code).toBe(1009);
  calm.announce('film', 'ann');
  expect(await calm.next()).toMatchObject({ incomplete: 1 });
});

test('a client that does not read is dropped once it is too far behind, and leaves its swarm', async () => {
  const port = await start({ maxBufferedBytes: 64 * 1024, messages: { burst: 1e6, perSecond: 1e6 } });
  const [slow, busy] = await Promise.all([TestClient.open(port), TestClient.open(port)]);
  slow.announce('film', 'slow', { numwant: 50 });
  await slow.next();
  slow.socket.pause();
  const big = 'v=0'.padEnd(16_000, '.');
  // The kernel's own buffers hold some megabytes before anything waits in ours; each round is an answered scrape of many hashes.
  const hashes = Array.from({ length: 100 }, (_, index) => id(`hash-${index}`));
  for (let round = 0; round < 2000; round++) slow.send({ action: 'scrape', info_hash: hashes });
  busy.announce('film', 'busy', { offers: [{ offer: { type: 'offer', sdp: big }, offer_id: id('o') }] });
  await busy.next();
  await expect
    .poll(
      async () => {
        busy.scrape('film');
        return (await busy.next())['files'];
      },
      { timeout: 30_000 },
    )
    .toEqual({ [id('film')]: { complete: 0, incomplete: 1, downloaded: 0 } });
  slow.socket.terminate();
});

test('a message costs by its size: 64 KiB as much as 17 short ones', async () => {
  const client = await TestClient.open(await start({ messages: { burst: 30, perSecond: 0.001 } }));
  const closed = once(client.socket, 'close');
  for (let count = 0; count < 2; count++) client.announce('film', 'ann', { extra: '['.repeat(64_000) });
  expect((await closed)[0]).toBe(1008);
});

test('a flood from one socket ends with close code 1008', async () => {
  const client = await TestClient.open(await start({ messages: { burst: 20, perSecond: 1 } }));
  for (let i = 0; i < 30; i++) client.announce('film', 'ann');
  const [code] = (await once(client.socket, 'close')) as [number];
  expect(code).toBe(1008);
});

test('a peer id on a new socket is admitted once the half-open socket fails its probe', async () => {
  const port = await start();
  const halfOpen = await TestClient.open(port, '/', false);
  halfOpen.announce('film', 'ann');
  await halfOpen.next();
  const again = await TestClient.open(port);
  again.announce('film', 'ann', { left: 0, event: 'started' });
  expect(await again.next()).toMatchObject({ complete: 1, incomplete: 0 });
  if (halfOpen.socket.readyState !== WebSocket.CLOSED) await once(halfOpen.socket, 'close');
  again.scrape('film');
  expect(await again.next()).toMatchObject({ files: { [id('film')]: { complete: 1, incomplete: 0 } } });
});

test('while its socket is alive, a peer id cannot be taken, stopped or answered for', async () => {
  const port = await start();
  const [ann, thief, bob] = await Promise.all([TestClient.open(port), TestClient.open(port), TestClient.open(port)]);
  ann.announce('film', 'ann');
  await ann.next();
  thief.announce('film', 'ann', { event: 'started' });
  expect(await thief.next()).toMatchObject({ 'failure reason': expect.stringContaining('another connection') });
  thief.announce('film', 'ann', { event: 'stopped' });
  expect(await thief.next()).toMatchObject({ 'failure reason': expect.stringContaining('another connection') });
  bob.announce('film', 'bob', offers('o'));
  expect(await ann.next()).toMatchObject({ peer_id: id('bob') });
  thief.send({
    action: 'announce',
    info_hash: id('film'),
    peer_id: id('ann'),
    to_peer_id: id('bob'),
    answer: { type: 'answer', sdp: 'evil' },
    offer_id: id('o'),
  });
  expect(await thief.next()).toMatchObject({ 'failure reason': expect.stringContaining('another connection') });
  expect(await bob.settled()).toHaveLength(1);
});

test('a reported peer is pinged at once: it is removed if silent, and stays if it answers', async () => {
  const port = await start();
  const [halfOpen, lively, reporter] = await Promise.all([TestClient.open(port, '/', false), TestClient.open(port), TestClient.open(port)]);
  halfOpen.announce('film', 'ann');
  lively.announce('film', 'bob');
  await Promise.all([halfOpen.next(), lively.next()]);
  const pinged = once(lively.socket, 'ping');
  const peerIds = ['cat', 'ann', 'bob'].map((name) => idFromBinary(id(name)) as PeerId);
  const [peerId, ...unreachable] = peerIds as [PeerId, ...PeerId[]];
  const counters = { numwant: 5, uploaded: 0, downloaded: 0, left: 1, event: null, offers: [] };
  reporter.send(writeAnnounce({ infoHash: idFromBinary(id('film')) as InfoHash, peerId, unreachable, ...counters }));
  expect(await reporter.next()).toMatchObject({ incomplete: 3 });
  await Promise.all([pinged, once(halfOpen.socket, 'close')]);
  reporter.scrape('film');
  expect(await reporter.next()).toMatchObject({ files: { [id('film')]: { incomplete: 2 } } });
});

test('too many sockets are refused with 503, and accepted again when there is room', async () => {
  const port = await start({ maxSockets: 1 });
  const first = await TestClient.open(port);
  const refused = new WebSocket(`ws://127.0.0.1:${port}/`);
  const [error] = (await once(refused, 'error')) as [Error];
  expect(error.message).toContain('503');
  await first.close();
  const second = await TestClient.open(port);
  second.announce('film', 'ann');
  expect(await second.next()).toMatchObject({ incomplete: 1 });
});

test('a full tracker refuses new peers with a valid failure, and keeps serving the others', async () => {
  const port = await start({ maxPeers: 1 });
  const [ann, bob] = await Promise.all([TestClient.open(port), TestClient.open(port)]);
  ann.announce('film', 'ann');
  await ann.next();
  bob.announce('film', 'bob', offers('o'));
  expect(await bob.next()).toEqual({ action: 'announce', info_hash: id('film'), 'failure reason': expect.stringContaining('full') });
  ann.announce('film', 'ann', { left: 0 });
  expect(await ann.next()).toMatchObject({ complete: 1, incomplete: 0 });
  await ann.close();
  bob.announce('film', 'bob');
  expect(await bob.next()).toMatchObject({ complete: 0, incomplete: 1 });
});

test('peers over IPv6 and IPv4 share a swarm', async () => {
  tracker = await startTracker({ port: 0 });
  const [ann, bob] = [await TestClient.at(`ws://[::1]:${tracker.port}`), await TestClient.open(tracker.port)];
  ann.announce('film', 'ann');
  await ann.next();
  bob.announce('film', 'bob', offers('o'));
  expect(await bob.next()).toMatchObject({ incomplete: 2 });
  expect(await ann.next()).toMatchObject({ peer_id: id('bob') });
});

test('a socket that misses two pings is closed and leaves its swarms', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const port = await start();
    const [mute, lively] = await Promise.all([TestClient.open(port, '/', false), TestClient.open(port)]);
    mute.announce('film', 'ann');
    lively.announce('film', 'bob');
    await Promise.all([mute.settled(), lively.settled()]);
    const ended = once(mute.socket, 'close');
    for (let round = 0; round < 3; round++) {
      expect(mute.socket.readyState).toBe(WebSocket.OPEN);
      vi.advanceTimersByTime(28_000);
      // The pong to this round's ping is on its way before the second scrape is.
      for (let twice = 0; twice < 2; twice++) expect(await lively.settled()).toEqual([]);
    }
    await ended;
    lively.scrape('film');
    expect(await lively.next()).toMatchObject({ files: { [id('film')]: { incomplete: 1 } } });
  } finally {
    vi.useRealTimers();
  }
});

test('handshakes that break off while they are refused do no harm', async () => {
  const port = await start({ maxSockets: 1 });
  const client = await TestClient.open(port);
  const handshake = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const resets = Array.from({ length: 50 }, async () => {
    const raw = connect(port, '127.0.0.1');
    await once(raw, 'connect');
    raw.write(handshake);
    raw.write('x'.repeat(100_000), () => raw.resetAndDestroy());
    await once(raw, 'close');
  });
  await Promise.all(resets);
  client.announce('film', 'ann');
  expect(await client.next()).toMatchObject({ incomplete: 1 });
});

test('an upgrade without a WebSocket handshake is refused, and may break off', async () => {
  const port = await start();
  const raw = connect(port, '127.0.0.1');
  raw.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const [chunk] = (await once(raw, 'data')) as [Buffer];
  expect(chunk.toString()).toMatch(/^HTTP\/1\.1 400 /);
  raw.destroy();
  const reset = connect(port, '127.0.0.1');
  reset.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgr');
  reset.resetAndDestroy();
  const client = await TestClient.open(port);
  client.announce('film', 'ann');
  expect(await client.next()).toMatchObject({ incomplete: 1 });
});

test('closing sends 1001 to every socket and completes even if a client does not answer', async () => {
  const port = await start();
  const [polite, mute] = await Promise.all([TestClient.open(port), TestClient.open(port)]);
  mute.socket.pause();
  const goodbye = once(polite.socket, 'close') as Promise<[number]>;
  await tracker.close();
  expect((await goodbye)[0]).toBe(1001);
  mute.socket.terminate();
});

test('who announces with the peer id of another cannot flood that one with pings, and is refused each time', async () => {
  const port = await start();
  const [ann, eve] = await Promise.all([TestClient.open(port), TestClient.open(port)]);
  ann.announce('film', 'ann');
  await ann.next();
  let pings = 0;
  ann.socket.on('ping', () => pings++);
  for (let count = 0; count < 20; count++) {
    eve.announce('film', 'ann');
    expect(await eve.next()).toHaveProperty('failure reason');
  }
  expect(pings).toBeLessThan(3);
});
