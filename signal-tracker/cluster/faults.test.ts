import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { id, offers, TestClient } from '../testing/client.ts';
import { TestProgram, type TestNode } from '../testing/program.ts';
import { TestRedis } from '../../e2e/harness/servers/redis.ts';

// Three tracker processes over one real Redis, and their failures.

let redis: TestRedis;
let program: TestProgram;
let nodes: TestNode[];

beforeAll(async () => {
  program = await TestProgram.build();
}, 60_000);

afterAll(() => program.remove());

beforeEach(async () => {
  redis = await TestRedis.start();
  nodes = await Promise.all([start(), start(), start()]);
  await everyNode((said) => said === 'ok');
}, 60_000);

afterEach(async () => {
  program.stop();
  await redis.kill();
});

function start(): Promise<TestNode> {
  return program.start('--redis', redis.url);
}

/** A busy machine may be slow, but not slower than this. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 25_000; !(await holds()); await pause(25)) {
    if (performance.now() > end) throw new Error('it did not come about within 25 s');
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function everyNode(holds: (health: string) => boolean): Promise<void> {
  return until(async () => (await Promise.all(nodes.map((node) => node.health()))).every(holds));
}

function at(node: number): Promise<TestClient> {
  return TestClient.open(nodes[node]!.port);
}

/** A client that has announced and been answered. */
async function member(node: number, name: string, more: Record<string, unknown> = {}): Promise<TestClient> {
  const client = await at(node);
  client.announce('film', name, more);
  await client.next(10_000);
  return client;
}

async function counts(client: TestClient): Promise<string> {
  client.scrape('film');
  const { files } = (await client.next(10_000)) as { files: Record<string, { complete: number; incomplete: number }> };
  const { complete, incomplete } = files[id('film')]!;
  return `${complete} seeds, ${incomplete} leeches`;
}

/** Announces until every pair was introduced. */
async function everyoneMeets(clients: ReadonlyMap<string, TestClient>): Promise<void> {
  const met = new Set<string>();
  let round = 0;
  await until(async () => {
    round += 1;
    for (const [name, client] of clients) {
      client.announce('film', name, { event: 'started', numwant: 50, ...offers(`${round}a`, `${round}b`, `${round}c`) });
    }
    await pause(100);
    for (const [name, client] of clients) {
      for (const { offer, peer_id: from } of await client.settled())
        if (offer !== undefined) met.add([id(name), String(from)].toSorted().join(' '));
    }
    return met.size === (clients.size * (clients.size - 1)) / 2;
  });
}

test('a node is killed: its peers are removed when a sample meets them, and offers to them go to others', async () => {
  for (let index = 0; index < 10; index++) await member(0, `dead-${index}`);
  const bob = await member(1, 'bob');
  const cat = await at(2);
  expect(await counts(cat)).toBe('0 seeds, 11 leeches');
  await nodes[0]!.end('SIGKILL');
  // Of two remote peers at least one is dead, and that offer goes to Bob, unless he has the other one.
  cat.announce('film', 'cat', offers('o', 'p'));
  await cat.next();
  expect(await bob.next()).toMatchObject({ peer_id: id('cat') });
  // All dead members are in the first samples; in a larger swarm they are removed when they are met, or expire.
  await until(async () => (await counts(cat)) === '0 seeds, 2 leeches');
}, 60_000);

test('Redis is killed: each node continues alone and says so; when Redis is back and empty, peers are registered again', async () => {
  const [ann, bob, cat] = [await member(0, 'ann', { left: 0 }), await member(1, 'bob'), await member(0, 'cat')];
  await redis.kill();
  await everyNode((said) => said.startsWith('Redis is away'));
  const dan = await at(0);
  dan.announce('film', 'dan', { ...offers('a', 'b', 'c'), numwant: 50 });
  expect(await dan.next()).toMatchObject({ complete: 1, incomplete: 2 });
  expect([await ann.next(), await cat.next()]).toMatchObject([{ peer_id: id('dan') }, { peer_id: id('dan') }]);
  await bob.close();
  await redis.start();
  await everyNode((said) => said === 'ok');
  const eye = await at(2);
  await until(async () => (await counts(eye)) === '1 seeds, 2 leeches');
  await everyoneMeets(new Map(Object.entries({ ann, cat, dan, eye })));
}, 60_000);

test('Redis hangs for 10 s: announces are answered, departures are delivered afterwards, and the others are introduced', async () => {
  const [ann, bob, cat] = [await member(0, 'ann'), await member(1, 'bob'), await member(2, 'cat')];
  redis.signal('SIGSTOP');
  const paused = performance.now();
  const dan = await member(0, 'dan');
  expect(await ann.settled()).toEqual([]);
  dan.announce('film', 'dan', offers('o'));
  expect(await dan.next(10_000)).toMatchObject({ incomplete: 2 });
  expect(await ann.next()).toMatchObject({ peer_id: id('dan') });
  await everyNode((said) => said.startsWith('Redis is away'));
  await cat.close();
  await pause(10_000 - (performance.now() - paused));
  redis.signal('SIGCONT');
  await everyNode((said) => said === 'ok');
  await until(async () => (await counts(bob)) === '0 seeds, 3 leeches');
  await everyoneMeets(new Map(Object.entries({ ann, bob, dan })));
}, 60_000);

test('Redis is paused (CLIENT PAUSE) for 10 s: the same', async () => {
  const [ann, bob] = [await member(0, 'ann'), await member(1, 'bob')];
  await redis.command('CLIENT', 'PAUSE', '10000', 'ALL');
  await everyNode((said) => said.startsWith('Redis is away'));
  ann.announce('film', 'ann');
  expect(await ann.next(10_000)).toMatchObject({ incomplete: 1 });
  await everyNode((said) => said === 'ok');
  await everyoneMeets(new Map(Object.entries({ ann, bob })));
}, 60_000);

test('started without Redis, nodes serve and say so; when it is up, a peer id that two of them have is refused at one', async () => {
  await redis.kill();
  await Promise.all(nodes.map((node) => node.end('SIGKILL')));
  nodes = await Promise.all([start(), start()]);
  expect(await nodes[0]!.health()).toMatch(/^Redis is away/);
  const twins = [await member(0, 'ann'), await member(1, 'ann')];
  const [bob, cat] = [await member(0, 'bob'), await member(1, 'cat')];
  await redis.start();
  await everyNode((said) => said === 'ok');
  const refused = await Promise.race(twins.map(async (twin) => ({ twin, said: await twin.next(20_000) })));
  expect(refused.said).toMatchObject({ 'failure reason': expect.stringContaining('another connection') });
  const ann = twins.find((twin) => twin !== refused.twin)!;
  await until(async () => (await counts(bob)) === '0 seeds, 3 leeches');
  await everyoneMeets(new Map(Object.entries({ ann, bob, cat })));
}, 60_000);

test('a rolling restart leaves no dead members, loses no peer that comes back, and ends each process with 0', async () => {
  const names = ['ann', 'bob', 'cat'];
  const clients = new Map<string, TestClient>();
  for (const [node, name] of names.entries()) clients.set(name, await member(node, name));
  for (const [node, name] of names.entries()) {
    expect(await nodes[node]!.end('SIGTERM')).toBe(0);
    const eye = await at((node + 1) % nodes.length);
    await until(async () => (await counts(eye)) === '0 seeds, 2 leeches');
    nodes[node] = await start();
    await everyNode((said) => said === 'ok');
    clients.set(name, await member(node, name));
  }
  const eye = await at(0);
  await until(async () => (await counts(eye)) === '0 seeds, 3 leeches');
  await everyoneMeets(clients);
}, 60_000);

test('a node whose connection is cut while it subscribes hears the others all the same', async () => {
  let isCut = false;
  const open: Socket[] = [];
  const proxy = createServer((inner) => {
    const outer = connect(redis.port, '127.0.0.1');
    open.push(inner, outer);
    for (const socket of [inner, outer]) socket.on('error', () => socket.destroy());
    inner.on('data', (chunk) => {
      if (isCut || !/\bsubscribe\b/i.test(chunk.toString('latin1'))) return void outer.write(chunk);
      isCut = true;
      inner.destroy();
    });
    outer.on('data', (chunk) => inner.write(chunk));
    inner.on('close', () => outer.destroy());
    outer.on('close', () => inner.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  try {
    const node = await program.start('--redis', `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    await until(async () => (await node.health()) === 'ok');
    expect(isCut).toBe(true);
  } finally {
    proxy.close();
    for (const socket of open) socket.destroy();
  }
});
