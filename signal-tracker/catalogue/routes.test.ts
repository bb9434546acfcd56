import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import type { CataloguePage, CatalogueShare, Listing } from '../../shared/tracker/listing.ts';
import { parseCidr } from '../limits/trusted-proxies.ts';
import { TestClient } from '../testing/client.ts';
import { hashNamed, TestPublisher } from '../testing/publisher.ts';
import { startTracker, type Tracker, type TrackerOptions } from '../compose.ts';

// The catalogue over real sockets, with real keys.

let tracker: Tracker;

afterEach(() => tracker.close());

async function start(options: Partial<TrackerOptions> = {}): Promise<void> {
  tracker = await startTracker({ port: 0, host: '127.0.0.1', catalogue: true, ...options });
}

type Headers = Record<string, string>;

async function ask(method: string, path: string, body?: unknown, headers: Headers = {}) {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const length: Headers = 'Transfer-Encoding' in headers ? {} : { 'Content-Length': String(Buffer.byteLength(text)) };
  const sent = request({
    host: '127.0.0.1',
    port: tracker.port,
    path,
    method,
    headers: { 'Content-Type': 'application/json', ...length, ...headers },
  });
  sent.end(text);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let answer = '';
  for await (const chunk of response) answer += String(chunk);
  return { status: response.statusCode, headers: response.headers, text: answer };
}

async function page(query = ''): Promise<CataloguePage> {
  return JSON.parse((await ask('GET', `/api/catalogue${query}`)).text) as CataloguePage;
}

async function serverNow(): Promise<number> {
  const { text } = await ask('GET', `/api/catalogue/${hashNamed('any')}`);
  return (JSON.parse(text) as CatalogueShare).nowMs;
}

function listing(name: string, more: Partial<Listing> = {}): Listing {
  return { infoHash: hashNamed(name), name, sizeBytes: 5000, fileCount: 3, ...more };
}

async function seeded(name: string): Promise<TestClient> {
  const seed = await TestClient.open(tracker.port);
  seed.announce(name, `seed of ${name}`.slice(0, 20), { left: 0 });
  await seed.settled();
  return seed;
}

test('a publisher lists a share, everyone finds it with its peers, and the publisher removes it', async () => {
  await start();
  await seeded('film');
  const leech = await TestClient.open(tracker.port);
  leech.announce('film', 'leech', { left: 10 });
  await leech.settled();
  const ann = await TestPublisher.make();
  const listed = await ask('POST', '/api/catalogue', await ann.listing(listing('film'), await serverNow()));
  const share = { ...listing('film'), seeds: 1, leeches: 1, publicKey: ann.publicKey };
  expect([listed.status, JSON.parse(listed.text)]).toEqual([200, { share, nowMs: expect.any(Number) }]);
  expect(await page('?search=FILM&page=1')).toEqual({ shares: [share], total: 1, page: 1, pages: 1 });
  expect((await page('?search=songs')).total).toBe(0);
  const one = `/api/catalogue/${share.infoHash}`;
  expect(JSON.parse((await ask('GET', one)).text)).toMatchObject({ share });
  const removed = await ask('DELETE', one, await ann.removal(share.infoHash, (await serverNow()) + 1));
  expect([removed.status, (await page()).total]).toEqual([200, 0]);
});

test('nobody else can remove it, and no request works twice', async () => {
  await start();
  await seeded('film');
  const [ann, bob] = [await TestPublisher.make(), await TestPublisher.make()];
  const first = await ann.listing(listing('film'), await serverNow());
  await ask('POST', '/api/catalogue', first);
  const one = `/api/catalogue/${hashNamed('film')}`;
  expect((await ask('DELETE', one, await bob.removal(hashNamed('film'), await serverNow()))).status).toBe(403);
  expect((await ask('POST', '/api/catalogue', await bob.listing(listing('film'), (await serverNow()) + 1))).status).toBe(403);
  expect((await ask('POST', '/api/catalogue', { ...first, name: 'filth' })).text).toMatch(/signature/);
  const removal = await ann.removal(hashNamed('film'), (await serverNow()) + 2);
  expect((await ask('DELETE', `/api/catalogue/${hashNamed('songs')}`, removal)).text).toMatch(/signature/);
  expect((await ask('DELETE', one, removal)).status).toBe(200);
  // Recorded and replayed, it has no effect.
  expect((await ask('POST', '/api/catalogue', first)).text).toMatch(/already/);
  expect((await ask('POST', '/api/catalogue', await ann.listing(listing('film'), (await serverNow()) - 200_000))).text).toMatch(/just now/);
  expect((await page()).total).toBe(0);
});

test('only shares that are seeded here and now can be listed', async () => {
  await start();
  const ann = await TestPublisher.make();
  const seed = await seeded('film');
  seed.announce('film', 'seed of film', { left: 0, event: 'stopped' });
  await seed.settled();
  const refused = await ask('POST', '/api/catalogue', await ann.listing(listing('film'), await serverNow()));
  expect([refused.status, refused.text]).toEqual([409, 'Nobody seeds this share on this tracker now.']);
});

test('the operator removes an entry with the admin token, and it stays removed', async () => {
  await start({ adminToken: 'north star' });
  await seeded('film');
  const ann = await TestPublisher.make();
  await ask('POST', '/api/catalogue', await ann.listing(listing('film'), await serverNow()));
  const one = `/api/catalogue/${hashNamed('film')}`;
  const byHost = async (token: string) => (await ask('DELETE', one, undefined, { Authorization: `Bearer ${token}` })).status;
  expect([await byHost('south star'), (await page()).total]).toEqual([401, 1]);
  expect([await byHost('north star'), (await page()).total]).toEqual([200, 0]);
  expect((await ask('POST', '/api/catalogue', await ann.listing(listing('film'), (await serverNow()) + 1))).status).toBe(403);
});

test('names are cleaned before they are shown; invisible ones are refused', async () => {
  await start();
  await seeded('film');
  const ann = await TestPublisher.make();
  const list = async (name: string, later: number) =>
    (await ask('POST', '/api/catalogue', await ann.listing(listing('film', { name }), (await serverNow()) + later))).status;
  expect(await list('\u200b \n', 0)).toBe(400);
  expect(await list(`a\u202egnp.exe\n${'x'.repeat(300)}`, 1)).toBe(200);
  const [share] = (await page()).shares;
  expect(share?.name.length).toBe(255);
  expect(share?.name.startsWith('a gnp.exe xxx')).toBe(true);
});

test('invalid listings are refused with a reason', async () => {
  await start();
  const ann = await TestPublisher.make();
  const good = await ann.listing(listing('film'), await serverNow());
  const bad: unknown[] = ['', 'x', '[]', 'null', '{}', { ...good, infoHash: 'film' }, { ...good, infoHash: good.infoHash.toUpperCase() }];
  bad.push({ ...good, sizeBytes: -1 }, { ...good, sizeBytes: 1.5 }, { ...good, fileCount: 0 }, { ...good, fileCount: '3' });
  bad.push({ ...good, name: 7 }, { ...good, signedAtMs: null }, { ...good, signature: undefined }, { ...good, publicKey: [] });
  for (const body of bad) expect([body, (await ask('POST', '/api/catalogue', body)).status]).toEqual([body, 400]);
  expect((await ask('POST', '/api/catalogue', JSON.stringify(good), { 'Content-Type': 'text/plain' })).status).toBe(415);
  expect((await ask('PUT', '/api/catalogue', good)).headers['allow']).toBe('GET, HEAD, POST');
  expect((await ask('POST', `/api/catalogue/${hashNamed('film')}`, good)).headers['allow']).toBe('GET, HEAD, DELETE');
  for (const path of ['/api/catalogue/', '/api/catalogue/x', `/api/catalogue/${hashNamed('film')}/x`])
    expect((await ask('GET', path)).status).toBe(404);
  expect((await ask('GET', '/api/catalogue?page=x&search=%FF')).status).toBe(200);
});

test('at most 4 KiB are read, declared or not, and a client may hang up in the middle', async () => {
  await start();
  expect((await ask('POST', '/api/catalogue', 'x'.repeat(4097))).status).toBe(413);
  expect((await ask('POST', '/api/catalogue', 'x'.repeat(5000), { 'Transfer-Encoding': 'chunked' })).status).toBe(413);
  const socket = connect(tracker.port, '127.0.0.1');
  socket.write('POST /api/catalogue HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
  await once(socket, 'connect');
  await ask('GET', '/api/catalogue');
  socket.destroy();
  expect((await page()).total).toBe(0);
});

test('changes of one address are limited, reads less so, and others are not affected', async () => {
  await start({ trustProxy: [parseCidr('127.0.0.1')!] });
  const from = (address: string): Headers => ({ 'X-Forwarded-For': address });
  const post = async (address: string) => (await ask('POST', '/api/catalogue', '{}', from(address))).status;
  for (let count = 0; count < 20; count++) expect(await post('203.0.113.7')).toBe(400);
  const refused = await ask('POST', '/api/catalogue', '{}', from('203.0.113.7'));
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '60']);
  expect(await post('203.0.113.8')).toBe(400);
  const get = async () => (await ask('GET', '/api/catalogue', undefined, from('203.0.113.7'))).status;
  for (let count = 0; count < 200; count++) expect(await get()).toBe(200);
  // The bucket refills meanwhile, but at 20 a second, far slower than the requests.
  const more = await Promise.all(Array.from({ length: 200 }, get));
  expect(more).toContain(429);
});

test('loopback, where a proxy may be, has the limits of many addresses', async () => {
  await start();
  const post = async () => (await ask('POST', '/api/catalogue', '{}')).status;
  for (let count = 0; count < 1000; count++) expect(await post()).toBe(400);
  expect(await Promise.all(Array.from({ length: 200 }, post))).toContain(429);
});

test('setting the clock an hour back refuses nobody', async () => {
  vi.setSystemTime(Date.now());
  await start({ trustProxy: [parseCidr('127.0.0.1')!] });
  const get = async () => (await ask('GET', '/api/catalogue', undefined, { 'X-Forwarded-For': '203.0.113.7' })).status;
  expect(await get()).toBe(200);
  const before = await serverNow();
  try {
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(await get()).toBe(200);
    expect((await serverNow()) - before).toBeGreaterThanOrEqual(0);
  } finally {
    vi.useRealTimers();
  }
});

test('setting the clock a day forward keeps the catalogue', async () => {
  vi.setSystemTime(Date.now());
  await start();
  const seed = await seeded('film');
  const ann = await TestPublisher.make();
  await ask('POST', '/api/catalogue', await ann.listing(listing('film'), await serverNow()));
  await seed.close();
  // The list is swept every five seconds.
  await sleep(5500);
  try {
    vi.setSystemTime(Date.now() + 86_400_000);
    await sleep(5500);
    expect((await page()).total).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test('a name is never cut inside a character', async () => {
  await start();
  await seeded('film');
  const ann = await TestPublisher.make();
  const name = '\u{1f600}'.repeat(200);
  expect((await ask('POST', '/api/catalogue', await ann.listing(listing('film', { name }), await serverNow()))).status).toBe(200);
  const [share] = (await page()).shares;
  expect(encodeURIComponent(share!.name)).toMatch(/^(%F0%9F%98%80)+$/);
});

test('without --catalogue there is none, and /api/ice says so', async () => {
  await start({ catalogue: false });
  expect((await ask('GET', '/api/catalogue')).status).toBe(404);
  expect((await ask('GET', `/api/catalogue/${hashNamed('film')}`)).status).toBe(404);
  expect(JSON.parse((await ask('GET', '/api/ice')).text)).toMatchObject({ catalogue: false });
  await tracker.close();
  await start();
  expect(JSON.parse((await ask('GET', '/api/ice')).text)).toMatchObject({ catalogue: true });
});
