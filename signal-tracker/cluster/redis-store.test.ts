import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { parseClientMessage, type Announce } from '../../shared/tracker/client-messages.ts';
import type { Delivery } from '../swarms/delivery.ts';
import { RedisStore } from './redis-store.ts';
import { id, offers, sdp, TestClient } from '../testing/client.ts';
import { TestRedis } from '../../e2e/harness/servers/redis.ts';
import { startTracker, type Tracker } from '../compose.ts';

// Three trackers in this process, each with its own connections, over one real Redis.

let redis: TestRedis;
let nodes: Tracker[];

beforeAll(async () => {
  redis = await TestRedis.start();
});

afterAll(() => redis.kill());

beforeEach(async () => {
  await redis.command('FLUSHALL');
  nodes = await Promise.all([join(), join(), join()]);
  await until(async () => (await Promise.all([0, 1, 2].map(health))).every((said) => said === 'ok'));
}, 60_000);

afterEach(() => Promise.all(nodes.map((node) => node.close())));

function join(): Promise<Tracker> {
  return startTracker({ port: 0, host: '127.0.0.1', redis: redis.url });
}

function at(node: number): Promise<TestClient> {
  return TestClient.open(nodes[node]!.port);
}

/** A busy machine may be slow, but not slower than this. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 60_000; !(await holds());) {
    if (performance.now() > end) throw new Error('it did not come about within 60 s');
    await pause(25);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function health(node: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${nodes[node]!.port}/healthz`)).text();
}

async function counts(client: TestClient, infoHash: string): Promise<{ complete: number; incomplete: number }> {
  client.scrape(infoHash);
  const { files } = (await client.next()) as { files: Record<string, { complete: number; incomplete: number }> };
  return files[id(infoHash)]!;
}

function answer(infoHash: string, peerId: string, toPeerId: string, offerId: string): Record<string, unknown> {
  return {
    action: 'announce',
    info_hash: id(infoHash),
    peer_id: id(peerId),
    to_peer_id: id(toPeerId),
    answer: { type: 'answer', sdp: 'v=0\r\n"ä"' },
    offer_id: id(offerId),
  };
}

/** Ann at one node, Bob at another: Bob's offer reaches Ann, her answer reaches him. */
async function meet(ann: TestClient, bob: TestClient, infoHash: string): Promise<void> {
  ann.announce(infoHash, 'ann', { left: 0 });
  await ann.next();
  bob.announce(infoHash, 'bob', offers('o'));
  expect(await bob.next()).toMatchObject({ complete: 1, incomplete: 1 });
  expect(await ann.next()).toEqual({
    action: 'announce',
    info_hash: id(infoHash),
    peer_id: id('bob'),
    offer: { type: 'offer', sdp },
    offer_id: id('o'),
  });
  ann.send(answer(infoHash, 'ann', 'bob', 'o'));
  expect(await bob.next()).toMatchObject({ peer_id: id('ann'), offer_id: id('o'), answer: { type: 'answer', sdp: 'v=0\r\n"ä"' } });
}

test('peers of different nodes are introduced: counts of all nodes, offer and answer across nodes', async () => {
  const [ann, bob] = await Promise.all([at(0), at(1)]);
  await meet(ann, bob, 'film');
  expect(await counts(await at(2), 'film')).toMatchObject({ complete: 1, incomplete: 1 });
  expect(await health(0)).toBe('ok');
});

test('an unasked or repeated answer is dropped', async () => {
  const [ann, bob] = await Promise.all([at(0), at(1)]);
  await meet(ann, bob, 'film');
  ann.send(answer('film', 'ann', 'bob', 'o'));
  ann.send(answer('film', 'ann', 'bob', 'never'));
  await ann.settled();
  await pause(100);
  expect(await bob.settled()).toEqual([]);
});

test('a seed is introduced to leeches of other nodes, never to seeds', async () => {
  const [ann, bob, cat] = await Promise.all([at(0), at(1), at(2)]);
  ann.announce('film', 'ann', { left: 0 });
  bob.announce('film', 'bob');
  await Promise.all([ann.next(), bob.next()]);
  cat.announce('film', 'cat', { left: 0, ...offers('a', 'b', 'c') });
  expect(await cat.next()).toMatchObject({ complete: 2, incomplete: 1 });
  expect(await bob.next()).toMatchObject({ peer_id: id('cat') });
  expect([await ann.settled(), await bob.settled()]).toEqual([[], []]);
});

test('local peers get half of the offers, remote peers the rest; no pair is introduced twice in a row', async () => {
  const near = await Promise.all(Array.from({ length: 6 }, () => at(0)));
  const far = await Promise.all(Array.from({ length: 6 }, () => at(1)));
  for (const [index, client] of [...near, ...far].entries()) {
    client.announce('film', `peer-${index}`);
    await client.next();
  }
  const bob = await at(0);
  bob.announce('film', 'bob', offers('a', 'b', 'c', 'd'));
  await bob.next();
  let [byNear, byFar] = [0, 0];
  const received = async (): Promise<string> => {
    byNear += (await Promise.all(near.map((client) => client.settled()))).flat().length;
    byFar += (await Promise.all(far.map((client) => client.settled()))).flat().length;
    return `${byNear} near, ${byFar} far`;
  };
  await until(async () => (await received()) === '2 near, 2 far');
  bob.announce('film', 'bob', { numwant: 10, ...offers('1', '2', '3', '4', '5', '6', '7', '8', '9', '10') });
  await bob.next();
  // Eight peers are new to Bob, so the other two offers have no receiver.
  await until(async () => (await received()) === '6 near, 6 far');
  await pause(100);
  expect(await received()).toBe('6 near, 6 far');
});

test('a peer that makes one offer at a time meets peers of other nodes too', async () => {
  const near = await Promise.all(Array.from({ length: 20 }, () => at(0)));
  const far = await at(1);
  for (const [index, client] of [...near, far].entries()) {
    client.announce('film', `peer-${index}`);
    await client.next();
  }
  const bob = await at(0);
  for (let count = 0; count < 20; count++) {
    bob.announce('film', 'bob', offers(`offer-${count}`));
    await bob.next();
  }
  await expect.poll(async () => (await far.settled()).length, { timeout: 60_000 }).toBeGreaterThan(0);
});

test('a reported peer of another node is introduced again at once', async () => {
  const [ann, bob] = await Promise.all([at(0), at(1)]);
  await meet(ann, bob, 'film');
  bob.announce('film', 'bob', offers('p'));
  await bob.next();
  bob.announce('film', 'bob', { ...offers('q'), unreachable: [id('ann')] });
  expect(await ann.next()).toMatchObject({ peer_id: id('bob'), offer_id: id('q') });
});

test('stopped, closed and completed peers are counted correctly on every node', async () => {
  const [ann, bob, eye] = await Promise.all([at(0), at(1), at(2)]);
  ann.announce('film', 'ann');
  bob.announce('film', 'bob');
  await Promise.all([ann.next(), bob.next()]);
  expect(await counts(eye, 'film')).toEqual({ complete: 0, incomplete: 2, downloaded: 0 });
  ann.announce('film', 'ann', { left: 0, event: 'completed' });
  await ann.next();
  expect(await counts(eye, 'film')).toEqual({ complete: 1, incomplete: 1, downloaded: 1 });
  bob.announce('film', 'bob', { event: 'stopped' });
  await bob.next();
  await ann.close();
  await expect.poll(() => counts(eye, 'film')).toEqual({ complete: 0, incomplete: 0, downloaded: 1 });
});

test('a peer id that is alive at one node is refused at another', async () => {
  const [ann, thief, bob] = await Promise.all([at(0), at(1), at(2)]);
  ann.announce('film', 'ann');
  await ann.next();
  thief.announce('film', 'ann', { event: 'started', ...offers('x') });
  expect(await thief.next()).toMatchObject({ 'failure reason': expect.stringContaining('another connection') });
  await thief.close();
  bob.announce('film', 'bob', offers('o'));
  expect(await bob.next()).toMatchObject({ incomplete: 2 });
  expect(await ann.next()).toMatchObject({ peer_id: id('bob') });
});

test('a peer id whose socket is dead at one node is accepted at another; the old close does not remove it', async () => {
  const halfOpen = await TestClient.open(nodes[0]!.port, '/', false);
  halfOpen.announce('film', 'ann');
  await halfOpen.next();
  const again = await at(1);
  again.announce('film', 'ann', { event: 'started', left: 0 });
  expect(await again.next()).toMatchObject({ complete: 1, incomplete: 0 });
  halfOpen.socket.terminate();
  const bob = await at(2);
  bob.announce('film', 'bob', offers('o'));
  await bob.next();
  expect(await again.next()).toMatchObject({ peer_id: id('bob') });
  expect(await counts(bob, 'film')).toMatchObject({ complete: 1, incomplete: 1 });
});

test('malformed messages on a channel end no node, and the valid ones of the batch arrive', async () => {
  const ann = await at(0);
  ann.announce('film', 'ann');
  await ann.next();
  const channels = (await redis.command('PUBSUB', 'CHANNELS', 'ts:c:*')) as string[];
  const written = (offerId: string, sdp: string): string =>
    `${JSON.stringify(['offer', id('film'), id('ann'), id('bob'), 'node|1', offerId, sdp.length])}\n${sdp}`;
  const bad = [
    written('\u{100}', 'v=0'),
    written('x'.repeat(41), 'v=0'),
    written('', 'v=0'),
    written('o', 'v'.repeat(100_000)),
    written('o', 'v"}'),
    written('o', 'v\n'),
    written('o', 'v\u{100}'),
    written('o', ''),
  ];
  for (const name of channels) for (const text of bad) await redis.command('PUBLISH', name, `node\n${text}`);
  for (const name of channels) await redis.command('PUBLISH', name, `node\n${bad.join('')}${written('good', 'v=0')}`);
  expect(await ann.next()).toMatchObject({ offer_id: 'good', offer: { sdp: 'v=0' } });
  expect(await ann.settled()).toEqual([]);
});

test('an unanswered claim: the peer id stays with a holder whose node is alive, and is free if that is dead', async () => {
  const hash = Buffer.from(id('film')).toString('hex');
  const ghost = createClient({ url: redis.url });
  await ghost.connect();
  await ghost.subscribe('ts:c:ghost', () => undefined);
  await redis.command('SET', 'ts:n:ghost', '1');
  await redis.command('HSET', `ts:l:${hash}`, id('bob'), 'ghost|1');
  const bob = await at(0);
  bob.announce('film', 'bob');
  expect(await bob.next(20_000)).toMatchObject({ 'failure reason': 'This peer id belongs to another connection.' });
  ghost.destroy();
  bob.announce('film', 'bob');
  expect(await bob.next(20_000)).toMatchObject({ incomplete: 1 });
}, 60_000);

test('after its subscription was cut a node subscribes again', async () => {
  const [ann, bob] = await Promise.all([at(0), at(1)]);
  ann.announce('film', 'ann', { left: 0 });
  await ann.next();
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await until(async () => (await health(0)) === 'ok');
  await until(async () => (await health(1)) === 'ok');
  await expect.poll(async () => counts(bob, 'film')).toMatchObject({ complete: 1 });
  await meet(ann, bob, 'song');
});

test('a peer that leaves while its offer to a dead node comes back is not registered again', async () => {
  const hash = Buffer.from(id('film')).toString('hex');
  // A node whose heartbeat still counts, and that has no subscription any more.
  await redis.command('SET', 'ts:n:dead', '1');
  await redis.command('HSET', `ts:l:${hash}`, id('bob'), 'dead|1');
  const random = seededRandom(1);
  const out: Delivery[] = [];
  const store: RedisStore = new RedisStore({
    url: redis.url,
    node: 'here',
    random,
    now: () => 0,
    perform: (work) => {
      work(out);
      if (out.length > 0) store.leave(0, 1, []);
    },
    changed: () => undefined,
  });
  await store.open();
  const announce = parseClientMessage(
    JSON.stringify({ action: 'announce', info_hash: id('film'), peer_id: id('ann'), left: 1, ...offers('a', 'b') }),
  );
  store.announce(0, 1, announce as Announce, out);
  await until(async () => Promise.resolve(out.length > 0 && store.counts.clusterPendingDepartures === 0));
  // What would register it again comes within one answer of Redis.
  await pause(300);
  expect(await redis.command('HKEYS', `ts:l:${hash}`)).toEqual([id('bob')]);
  await store.close();
});

test('a peer of another node that answers no ping is gone once it is reported', async () => {
  const dead = await TestClient.open(nodes[0]!.port, '/', false);
  dead.announce('film', 'dead');
  await dead.next();
  const [ann, eye] = await Promise.all([at(1), at(2)]);
  ann.announce('film', 'ann', offers('o'));
  await ann.next();
  const reportedAt = performance.now();
  ann.announce('film', 'ann', { unreachable: [id('dead')], ...offers('p') });
  await ann.next();
  await until(async () => (await counts(eye, 'film')).incomplete === 1);
  // The heartbeat alone takes a minute.
  expect(performance.now() - reportedAt).toBeLessThan(20_000);
  dead.socket.terminate();
});
