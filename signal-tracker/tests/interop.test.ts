import { Client } from 'bittorrent-tracker';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTracker, type Tracker } from '../compose.ts';

// WebTorrent's own tracker client from npm, with real WebRTC (webrtc.ts). Its instances share a socket for each URL.

let tracker: Tracker;
const clients: Client[] = [];
const film = 'f1'.repeat(20);
const song = '50'.repeat(20);

/** What the clients say is left, by name. */
const left = new Map<string, number>();

beforeEach(async () => {
  hurryClients();
  tracker = await startTracker({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await tracker.close();
  left.clear();
  vi.restoreAllMocks();
});

/**
 * The clients wait for 10 to 310 s before they reconnect, and for 5 s at each end of a connection's gathering, whose end this WebRTC never
 * says: a thousandth and a twentieth of that here. Their 50 s for an answer stay.
 */
function hurryClients(): void {
  const wait = setTimeout;
  const hurried = (ms: number): number => (ms >= 10_000 && ms !== 50_000 ? ms / 1000 : ms);
  const stand = (run: () => void, ms = 0): NodeJS.Timeout => wait(run, hurried(ms));
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(stand);
}

function client(name: string, path: string, infoHash = film): Client {
  const made = new Client({
    infoHash,
    peerId: Buffer.from(name.padEnd(20, '.')).toString('hex'),
    announce: [`ws://127.0.0.1:${tracker.port}/${path}`],
    port: 6881,
    rtcConfig: { iceServers: [] },
    getAnnounceOpts: () => ({ left: left.get(name) ?? 1 }),
  });
  clients.push(made);
  return made;
}

test('started, updated, completed and stopped peers are counted', async () => {
  const ann = client('ann', 'a');
  ann.start({ numwant: 0 });
  expect((await once(ann, 'update'))[0]).toMatchObject({ complete: 0, incomplete: 1, infoHash: film });
  ann.update({ numwant: 0 });
  expect((await once(ann, 'update'))[0]).toMatchObject({ complete: 0, incomplete: 1 });
  left.set('ann', 0);
  ann.complete();
  expect((await once(ann, 'update'))[0]).toMatchObject({ complete: 1, incomplete: 0 });
  ann.scrape();
  expect((await once(ann, 'scrape'))[0]).toMatchObject({ complete: 1, incomplete: 0, downloaded: 1 });
  ann.stop();
  expect((await once(ann, 'update'))[0]).toMatchObject({ complete: 0, incomplete: 0 });
});

test('several torrents share one socket, and many are scraped at once', async () => {
  const [one, two] = [client('ann', 'a', film), client('bob', 'a', song)];
  left.set('bob', 0);
  const updates = Promise.all([once(one, 'update'), once(two, 'update')]);
  one.start({ numwant: 0 });
  two.start({ numwant: 0 });
  await updates;
  const scraped = new Map<string, number>();
  const all = new Promise<void>((resolve) => {
    one.on('scrape', ({ infoHash, complete }) => {
      scraped.set(infoHash, complete);
      if (scraped.size === 3) resolve();
    });
  });
  one.scrape({ infoHash: [film, song, '00'.repeat(20)] });
  await all;
  expect(scraped).toEqual(
    new Map([
      [film, 0],
      [song, 1],
      ['00'.repeat(20), 0],
    ]),
  );
});

test('two clients connect through offer and answer and exchange bytes', async () => {
  const [ann, bob] = [client('ann', 'a'), client('bob', 'b')];
  left.set('ann', 0);
  ann.start();
  await once(ann, 'update');
  const met = Promise.all([once(ann, 'peer'), once(bob, 'peer')]);
  bob.start();
  const [[atAnn], [atBob]] = await met;
  expect(Buffer.from(atAnn.id, 'hex').toString()).toBe('bob'.padEnd(20, '.'));
  expect(Buffer.from(atBob.id, 'hex').toString()).toBe('ann'.padEnd(20, '.'));
  const arrived = once(atBob, 'data');
  atAnn.once('connect', () => atAnn.send('hello'));
  expect(Buffer.from((await arrived)[0] as Uint8Array).toString()).toBe('hello');
  atAnn.destroy();
  atBob.destroy();
});

test('a client rejoins its swarm after the tracker was restarted', async () => {
  const ann = client('ann', 'a');
  ann.start({ numwant: 0 });
  await once(ann, 'update');
  const { port } = tracker;
  const back = once(ann, 'update');
  await tracker.close();
  tracker = await startTracker({ port, host: '127.0.0.1' });
  expect((await back)[0]).toMatchObject({ complete: 0, incomplete: 1 });
});
