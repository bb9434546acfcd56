import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { id, sdp, TestClient } from '../testing/client.ts';
import { startTracker, type Tracker } from '../compose.ts';

// A client sends each frame below; after it two honest clients must still be introduced by the same tracker process.

let tracker: Tracker;
let meetings = 0;

beforeAll(async () => {
  tracker = await startTracker({ port: 0, host: '127.0.0.1' });
});

afterAll(() => tracker.close());

const announce = { action: 'announce', info_hash: id('film'), peer_id: id('eve'), numwant: 5, uploaded: 0, downloaded: 0, left: 1 };
const offer = { offer: { type: 'offer', sdp }, offer_id: id('o') };
const answer = { ...announce, to_peer_id: id('ann'), answer: { type: 'answer', sdp }, offer_id: id('o') };

const frames: readonly (readonly [string, unknown])[] = [
  ['nothing', ''],
  ['null', 'null'],
  ['a number', '5'],
  ['a string', '"announce"'],
  ['an array', '[]'],
  ['an array of announces', [announce]],
  ['an empty object', {}],
  ['half an object', '{"action":"announce"'],
  ['two objects', '{}{}'],
  ['no UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d)],
  ['zero bytes', new Uint8Array(1000)],
  ['30,000 nested arrays', '['.repeat(30_000)],
  ['10,000 nested objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ['a nested bomb as the info hash', `{"action":"announce","info_hash":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ['a huge number', '1e999999'],
  ['an unknown action', { ...announce, action: 'seize' }],
  ['an action that is a list', { ...announce, action: ['announce'] }],
  ['an action called __proto__', { ...announce, action: '__proto__' }],
  ['a scrape of a number (ends bittorrent-tracker 11)', { action: 'scrape', info_hash: 5 }],
  ['a scrape of everything', { action: 'scrape' }],
  ['a scrape of null', { action: 'scrape', info_hash: null }],
  ['a scrape of an empty list', { action: 'scrape', info_hash: [] }],
  ['a scrape of nulls', { action: 'scrape', info_hash: [null, null] }],
  ['a scrape of lists', { action: 'scrape', info_hash: [[id('film')]] }],
  ['a scrape of 2,000 hashes', { action: 'scrape', info_hash: Array.from({ length: 2000 }, () => id('film')) }],
  ['a scrape of an object', { action: 'scrape', info_hash: { length: 1, 0: id('film') } }],
  ['no info hash', { ...announce, info_hash: undefined }],
  ['a short info hash', { ...announce, info_hash: 'film' }],
  ['an info hash with characters above 255', { ...announce, info_hash: '\u{100}'.repeat(20) }],
  ['an info hash of 60,000 characters', { ...announce, info_hash: 'f'.repeat(60_000) }],
  ['the info hash __proto__', { ...announce, info_hash: '__proto__' }],
  ['no peer id', { ...announce, peer_id: undefined }],
  ['a peer id that is an object', { ...announce, peer_id: { length: 20 } }],
  ['a peer id of lone surrogates', { ...announce, peer_id: '\ud800'.repeat(20) }],
  ['offers: [null] (ends bittorrent-tracker 11)', { ...announce, offers: [null] }],
  ['offers of numbers', { ...announce, offers: [1, 2, 3] }],
  ['offers that are an object', { ...announce, offers: { length: 1e9 } }],
  ['offers that are a string', { ...announce, offers: 'offers' }],
  ['an offer without sdp', { ...announce, offers: [{ offer: { type: 'offer' }, offer_id: id('o') }] }],
  ['an offer that is an answer', { ...announce, offers: [{ offer: { type: 'answer', sdp }, offer_id: id('o') }] }],
  ['an sdp that is an object', { ...announce, offers: [{ offer: { type: 'offer', sdp: {} }, offer_id: id('o') }] }],
  ['an sdp over 16 KiB', { ...announce, offers: [{ offer: { type: 'offer', sdp: 'x'.repeat(17_000) }, offer_id: id('o') }] }],
  ['500 empty offers', { ...announce, numwant: 1e9, offers: Array.from({ length: 500 }, () => ({})) }],
  ['twenty offers', { ...announce, numwant: 20, offers: Array.from({ length: 20 }, () => offer) }],
  ['an offer id that is null', { ...announce, offers: [{ offer: { type: 'offer', sdp }, offer_id: null }] }],
  ['an offer id with characters above 255', { ...announce, offers: [{ offer: { type: 'offer', sdp }, offer_id: '\u{1f600}'.repeat(10) }] }],
  ['numwant -1', { ...announce, numwant: -1, offers: [offer] }],
  ['numwant that is no number', `{"action":"announce","info_hash":"${id('film')}","peer_id":"${id('eve')}","numwant":{},"left":[]}`],
  ['numwant 1e308', { ...announce, numwant: 1e308, offers: [offer] }],
  ['left that is a string', { ...announce, left: 'nothing' }],
  ['an event that is an object', { ...announce, event: { toString: 'started' } }],
  ['an event called constructor', { ...announce, event: 'constructor' }],
  ['an own member __proto__', `{"action":"announce","__proto__":{"info_hash":"${id('film')}","peer_id":"${id('eve')}"}}`],
  ['a repeated member', `{"action":"announce","action":"scrape","info_hash":"${id('film')}","info_hash":7}`],
  ['6,000 members', `{${Array.from({ length: 6000 }, (_, index) => `"${index}":0`).join(',')}}`],
  ['stopped before it came', { ...announce, event: 'stopped' }],
  ['completed before it came', { ...announce, event: 'completed' }],
  ['an answer nobody asked for', answer],
  ['an answer to itself', { ...answer, to_peer_id: id('eve') }],
  ['an answer to nobody', { ...answer, to_peer_id: undefined }],
  ['an answer that is true', { ...answer, answer: true }],
  ['an answer without offer id', { ...answer, offer_id: undefined }],
  ['reports that are an object', { ...announce, unreachable: { length: 1e9 } }],
  ['2,500 reports of one peer', { ...announce, unreachable: Array.from({ length: 2500 }, () => id('honest')) }],
  ['reports of lists', { ...announce, unreachable: [[id('ann')], [[]]] }],
  ['a report of itself', { ...announce, unreachable: [id('eve')] }],
  [
    'an sdp that ends in half an escape',
    `${JSON.stringify(announce).slice(0, -1)},"offers":[{"offer":{"type":"offer","sdp":"v=0\\u00"}}]}`,
  ],
  ['an sdp with a bare quote', `${JSON.stringify(announce).slice(0, -1)},"offers":[{"offer":{"type":"offer","sdp":"v=0"v=0"}}]}`],
  ['an sdp with a bare newline', `${JSON.stringify(announce).slice(0, -1)},"offers":[{"offer":{"type":"offer","sdp":"v=0\n"}}]}`],
  [
    'an sdp of lone surrogates',
    JSON.stringify({ ...announce, offers: [{ offer: { type: 'offer', sdp: 'SDP' }, offer_id: id('o') }] }).replace(
      'SDP',
      String.raw`\ud800\udfff\ud800`,
    ),
  ],
  ['a string that does not end', `{"action":"announce","info_hash":"${'x'.repeat(50_000)}`],
  ['60,000 backslashes', `{"action":"${'\\'.repeat(60_000)}"}`],
  ['a number of 50,000 digits', `{"action":"announce","left":${'9'.repeat(50_000)}}`],
  ['60,000 commas', `[${','.repeat(60_000)}]`],
  ['a comma too many', `${JSON.stringify(announce).slice(0, -1)},}`],
  ['a byte order mark', `\u{feff}${JSON.stringify(announce)}`],
  ['an answer over 16 KiB', { ...answer, answer: { type: 'answer', sdp: 'x'.repeat(17_000) } }],
];

test('there are at least 60 hostile frames, each with its own name', () => {
  expect(new Set(frames.map(([name]) => name)).size).toBe(frames.length);
  expect(frames.length).toBeGreaterThanOrEqual(60);
});

test.each(frames)('%s: answered validly or not at all, and honest clients are still introduced', async (_, frame) => {
  const eve = await TestClient.open(tracker.port);
  eve.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  for (const message of await eve.settled()) {
    expect(['announce', 'scrape']).toContain(message['action']);
    expect(message['info_hash']).toHaveLength(20);
  }
  await honestClientsMeet();
  await eve.close();
});

const broken: readonly (readonly [string, Buffer])[] = [
  ['a frame with reserved bits', Buffer.of(0xf1, 0x80, 0, 0, 0, 0)],
  ['an unmasked frame', Buffer.of(0x81, 0x01, 0x61)],
  ['an unknown opcode', Buffer.of(0x83, 0x80, 0, 0, 0, 0)],
  ['a text frame that is no UTF-8', Buffer.of(0x81, 0x81, 0, 0, 0, 0, 0xff)],
  ['a continuation of nothing', Buffer.of(0x80, 0x80, 0, 0, 0, 0)],
  ['a frame that claims 2^62 bytes', Buffer.of(0x81, 0xff, 0x3f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0)],
  ['a ping over 125 bytes', Buffer.of(0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0)],
  ['a close frame of one byte', Buffer.of(0x88, 0x81, 0, 0, 0, 0, 0)],
];

test.each(broken)('%s closes its own socket only', async (_, bytes) => {
  const eve = new WebSocket(`ws://127.0.0.1:${tracker.port}`);
  eve.once('upgrade', ({ socket }) => socket.write(bytes));
  const [code] = (await once(eve, 'close')) as [number];
  expect(code).toBeGreaterThanOrEqual(1002);
  await honestClientsMeet();
});

/** A masked client frame of one byte, of a message that never ends. */
const unfinished = (opcode: number): Buffer => Buffer.of(opcode, 0x81, 0, 0, 0, 0, 0x20);

test('a message in thousands of pieces, each kept until the last one comes, closes its own socket only', async () => {
  const eve = new WebSocket(`ws://127.0.0.1:${tracker.port}`);
  eve.once('upgrade', ({ socket }) => socket.write(Buffer.concat([unfinished(1), ...Array<Buffer>(1000).fill(unfinished(0))])));
  expect(((await once(eve, 'close')) as [number])[0]).toBeGreaterThanOrEqual(1002);
  await honestClientsMeet();
});

test.each(['ping', 'pong'] as const)('a flood of %ss is closed as one of messages is', async (kind) => {
  const eve = await TestClient.open(tracker.port);
  const closed = once(eve.socket, 'close');
  const flood = setInterval(() => {
    for (let sent = 0; sent < 50 && eve.socket.readyState === WebSocket.OPEN; sent++) eve.socket[kind]();
  }, 5);
  expect(((await closed) as [number])[0]).toBeGreaterThanOrEqual(1002);
  clearInterval(flood);
  await honestClientsMeet();
});

async function honestClientsMeet(): Promise<void> {
  const swarm = `honest-${meetings++}`;
  const [ann, bob] = await Promise.all([TestClient.open(tracker.port), TestClient.open(tracker.port)]);
  ann.announce(swarm, 'ann', { left: 0 });
  expect(await ann.next()).toMatchObject({ info_hash: id(swarm), complete: 1 });
  bob.announce(swarm, 'bob', { offers: [offer] });
  expect(await ann.next()).toMatchObject({ info_hash: id(swarm), peer_id: id('bob'), offer: offer.offer });
  await Promise.all([ann.close(), bob.close()]);
}
