import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { parseCidr } from '../limits/trusted-proxies.ts';
import { id, offers, TestClient } from '../testing/client.ts';
import { parsePrometheus } from '../testing/prometheus.ts';
import { startTracker, type Tracker, type TrackerOptions } from '../compose.ts';

// What the operator sees, over real sockets.

let tracker: Tracker;

afterEach(() => tracker.close());

async function start(options: Partial<TrackerOptions> = {}): Promise<number> {
  tracker = await startTracker({ port: 0, host: '127.0.0.1', ...options });
  return tracker.port;
}

async function ask(path: string, headers: Record<string, string> = {}) {
  const sent = request({ host: '127.0.0.1', port: tracker.port, path, headers });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, headers: response.headers, body };
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

/** A seed and a leech of one share, the leech with two offers of which one is relayed; and somebody who only looks. */
async function twoPeople(port: number): Promise<void> {
  const [seed, leech] = [await TestClient.open(port), await TestClient.open(port), await TestClient.open(port)];
  seed.announce('film', 'ann', { left: 0 });
  await seed.settled();
  leech.announce('film', 'bob', { left: 1000, ...offers('one', 'two') });
  await leech.settled();
}

test('/stats.json: people, shares, complete copies, the last minute and the last day', async () => {
  await twoPeople(await start());
  expect(JSON.parse((await ask('/stats.json')).body)).toMatchObject({
    sockets: 3,
    people: 2,
    swarms: 1,
    completeSwarms: 1,
    peers: 2,
    seeds: 1,
    announces: 2,
    announcesPerMinute: 2,
    offers: 1,
    offersPerMinute: 1,
    residentBytes: expect.any(Number),
    uptimeSeconds: expect.any(Number),
    trouble: null,
    monitor: false,
    lastDay: { everySeconds: 5, people: [], announcesPerMinute: [] },
  });
});

test('/metrics is Prometheus text with the counts of now', async () => {
  await twoPeople(await start());
  const { status, headers, body } = await ask('/metrics');
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  const { samples, types } = parsePrometheus(body);
  const ours = Object.fromEntries([...samples].filter(([name]) => name.startsWith('tabswarm_')));
  expect(ours).toEqual({
    tabswarm_sockets: 3,
    tabswarm_people: 2,
    tabswarm_swarms: 1,
    tabswarm_complete_swarms: 1,
    'tabswarm_peers{role="seed"}': 1,
    'tabswarm_peers{role="leech"}': 1,
    // Two announces, and the scrapes that settled them.
    tabswarm_messages_total: 4,
    tabswarm_announces_total: 2,
    tabswarm_offers_total: 1,
    tabswarm_answers_total: 0,
    tabswarm_refused_messages_total: 0,
    tabswarm_seed_bytes_total: 0,
    tabswarm_seed_torrents: 0,
    tabswarm_socket_faults_total: 0,
  });
  const wrong = [...types].filter(([name, type]) => name.startsWith('tabswarm_') && name.endsWith('_total') !== (type === 'counter'));
  expect(wrong).toEqual([]);
  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  // A second scrape counts on, and does not count twice.
  expect(parsePrometheus((await ask('/metrics')).body).samples.get('tabswarm_messages_total')).toBe(4);
});

test('a node reports that Redis is away: in the statistics, on /healthz and to Prometheus', async () => {
  await start({ redis: 'redis://127.0.0.1:1' });
  const trouble = 'Redis is away: only peers of this node are introduced to each other.';
  expect(JSON.parse((await ask('/stats.json')).body)).toMatchObject({ trouble, clusterUp: 0 });
  expect(await ask('/healthz')).toMatchObject({ status: 200, body: trouble });
  const { samples, types } = parsePrometheus((await ask('/metrics')).body);
  expect(samples.get('tabswarm_cluster_up')).toBe(0);
  expect(types.get('tabswarm_cluster_messages_total')).toBe('counter');
});

test('the monitor needs the token', async () => {
  await twoPeople(await start({ adminToken: 'north star' }));
  expect(JSON.parse((await ask('/stats.json')).body)).toMatchObject({ monitor: true });
  for (const path of ['/monitor.json', '/metrics']) {
    const none = await ask(path);
    expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer realm="tracker"']);
    expect((await ask(path, bearer('north stat'))).status).toBe(401);
    expect((await ask(path, bearer('north star'))).status).toBe(200);
    expect((await ask(path, { Authorization: 'Basic north star' })).status).toBe(401);
    expect((await ask(`${path}?token=north%20star`)).status).toBe(401);
  }
  const { body } = await ask('/monitor.json', bearer('north star'));
  const hex = (name: string): string => Buffer.from(id(name), 'latin1').toString('hex');
  expect(JSON.parse(body)).toEqual({
    hidden: 0,
    shares: [
      {
        share: hex('film'),
        name: null,
        seeds: 1,
        leeches: 1,
        peers: [
          { peer: hex('ann'), role: 'seed', percent: 100 },
          { peer: hex('bob'), role: 'leech', percent: 0 },
        ],
      },
    ],
  });
});

test('without a token the monitor is closed, and the metrics are for this machine only', async () => {
  await start();
  expect((await ask('/monitor.json', bearer(''))).status).toBe(403);
  expect((await ask('/metrics')).status).toBe(200);
  // A page of another site that leads its own name to this machine (DNS rebinding).
  expect((await ask('/metrics', { Host: 'evil.example' })).status).toBe(403);
  // Somebody behind a proxy on this machine, whether or not the proxy was named.
  expect((await ask('/metrics', { 'X-Forwarded-For': '127.0.0.1' })).status).toBe(403);
  expect((await ask('/metrics', { Forwarded: 'for=127.0.0.1' })).status).toBe(403);
});

test('wrong tokens are counted by address; the right one works at any time', async () => {
  await start({ adminToken: 'north star', trustProxy: [parseCidr('127.0.0.1')!] });
  const guess = async (token: string, address: string): Promise<number | undefined> =>
    (await ask('/monitor.json', { ...bearer(token), 'X-Forwarded-For': address })).status;
  for (let count = 0; count < 10; count++) expect(await guess(`guess ${count}`, '203.0.113.7')).toBe(401);
  expect(await guess('guess 10', '203.0.113.7')).toBe(429);
  expect(await guess('guess 10', '203.0.113.8')).toBe(401);
  expect(await guess('north star', '203.0.113.7')).toBe(200);
  expect(await guess('guess 11', '203.0.113.7')).toBe(429);
  for (let count = 0; count < 30; count++) expect(await guess('north star', '203.0.113.8')).toBe(200);
});

test('behind a proxy that was not named, guesses of others do not lock the operator out', async () => {
  await start({ adminToken: 'north star' });
  const guess = async (token: string): Promise<number | undefined> =>
    (await ask('/monitor.json', { ...bearer(token), 'X-Forwarded-For': '203.0.113.7' })).status;
  for (let count = 0; count < 20; count++) await guess(`guess ${count}`);
  expect([await guess('guess'), await guess('north star')]).toEqual([429, 200]);
});

test('the status page has the content security policy of the app and loads only its two files', async () => {
  await start();
  const page = await ask('/status');
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(String(page.headers['content-security-policy'])).toContain("script-src 'self'");
  const loaded = [...page.body.matchAll(/<(?!a )[^>]+(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
  expect(new Set(loaded)).toEqual(new Set(['/icon.svg', '/status.css', '/status.js']));
  expect(page.body).toContain('<a href="/">');
  expect(page.body).not.toMatch(/ style=| on[a-z]+=|<style|<script>/);
  expect((await ask('/status.js')).headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect((await ask('/status.css')).headers['content-type']).toBe('text/css; charset=utf-8');
});

test('every request gets its own TURN credentials', async () => {
  await start({ turn: { urls: ['turn:turn.example:3478'], secret: 'south' } });
  const [one, other] = [JSON.parse((await ask('/api/ice')).body), JSON.parse((await ask('/api/ice')).body)];
  expect(one.iceServers).toEqual([{ urls: ['turn:turn.example:3478'], username: expect.any(String), credential: expect.any(String) }]);
  expect(one.iceServers[0].username).not.toBe(other.iceServers[0].username);
  const [expiry] = one.iceServers[0].username.split(':');
  expect(Number(expiry) * 1000).toBeGreaterThan(Date.now() + 23 * 3600 * 1000);
});
