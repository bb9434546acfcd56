import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { id, offers, sdp, TestClient } from '../testing/client.ts';
import { startTracker, type Tracker } from '../compose.ts';

// The whole protocol over real sockets: messages of clients and of the tracker, what is tolerated, what is refused.
// The choice of peers, expiry and counts are in memory-store.test.ts, hostile frames in hostile.test.ts.

let tracker: Tracker;

beforeEach(async () => {
  tracker = await startTracker({ port: 0, host: '127.0.0.1' });
});

afterEach(() => tracker.close());

const open = (path = '/'): Promise<TestClient> => TestClient.open(tracker.port, path);
const pair = (): Promise<[TestClient, TestClient]> => Promise.all([open(), open()]);

/** Ann is in the swarm, bob comes with an offer that reaches her. */
async function offered(): Promise<{ ann: TestClient; bob: TestClient }> {
  const [ann, bob] = await pair();
  ann.announce('film', 'ann');
  await ann.next();
  bob.announce('film', 'bob', offers('o'));
  await Promise.all([ann.next(), bob.next()]);
  return { ann, bob };
}

function answer(client: TestClient, from: string, to: string, more: object = {}): void {
  client.send({
    action: 'announce',
    info_hash: id('film'),
    peer_id: id(from),
    to_peer_id: id(to),
    offer_id: id('o'),
    answer: { type: 'answer', sdp },
    ...more,
  });
}

// Client to tracker.

test.each(['/', '/announce', '/a/b?x=1', '/%'])('every path is the tracker: %s', async (path) => {
  const client = await open(path);
  client.announce('film', 'ann');
  expect(await client.next()).toMatchObject({ action: 'announce', incomplete: 1 });
});

test('the tracker sends nothing first and chooses no sub-protocol', async () => {
  const client = await open();
  expect(client.socket.protocol).toBe('');
  expect(client.socket.extensions).toBe('');
  expect(await client.settled()).toEqual([]);
});

test.each([
  ['started', {}, [0, 1]],
  ['completed', { left: 0 }, [1, 0]],
  ['paused', {}, [0, 1]],
  [undefined, { left: 0 }, [1, 0]],
  ['stopped', {}, [0, 0]],
])('an announce with event %s is answered with interval and counts', async (event, more, [complete, incomplete]) => {
  const client = await open();
  client.announce('film', 'ann', { event, ...more });
  expect(await client.next()).toEqual({ action: 'announce', info_hash: id('film'), interval: expect.any(Number), complete, incomplete });
});

test('left: null, a magnet link without metadata, is a leech', async () => {
  const client = await open();
  client.announce('film', 'ann', { left: null });
  expect(await client.next()).toMatchObject({ complete: 0, incomplete: 1 });
});

test('at most numwant offers of an announce are used', async () => {
  const members = await Promise.all([open(), open(), open()]);
  for (const [index, member] of members.entries()) member.announce('film', `m${index}`);
  await Promise.all(members.map((member) => member.next()));
  const bob = await open();
  bob.announce('film', 'bob', { ...offers('a', 'b', 'c'), numwant: 2 });
  await bob.next();
  const got = await Promise.all(members.map((member) => member.settled()));
  expect(got.flat()).toHaveLength(2);
});

test('scrapes of one and of many hashes, with zeros for unknown ones; of everything refused', async () => {
  const client = await open();
  client.announce('film', 'ann', { left: 0 });
  await client.next();
  const film = { complete: 1, incomplete: 0, downloaded: 0 };
  client.scrape('film');
  expect(await client.next()).toEqual({ action: 'scrape', files: { [id('film')]: film } });
  client.send({ action: 'scrape', info_hash: [id('film'), id('none')] });
  expect(await client.next()).toEqual({
    action: 'scrape',
    files: { [id('film')]: film, [id('none')]: { complete: 0, incomplete: 0, downloaded: 0 } },
  });
  client.send({ action: 'scrape' });
  expect(await client.next()).toMatchObject({ action: 'scrape', 'failure reason': expect.any(String) });
});

test('scraped keys are echoed as they were sent: any bytes, 32 characters, names of Object.prototype', async () => {
  const client = await open();
  const high = String.fromCharCode(...Array.from({ length: 20 }, (_, index) => 236 + index));
  const low = String.fromCharCode(...Array.from({ length: 20 }, (_, index) => index));
  const hashes = ['propertyIsEnumerable', high, low, 'f'.repeat(32)];
  for (const hash of hashes) client.send({ action: 'announce', info_hash: hash, peer_id: 'propertyIsEnumerable', left: 0 });
  await client.settled();
  client.send({ action: 'scrape', info_hash: [...hashes, 'f'.repeat(20)] });
  const { files } = await client.next();
  const found = { complete: 1, incomplete: 0, downloaded: 0 };
  expect(new Map(Object.entries(files as object))).toEqual(new Map([...hashes, 'f'.repeat(20)].map((hash) => [hash, found])));
});

// Tracker to client.

test('the reply comes before the offers, also on one socket', async () => {
  const client = await open();
  client.announce('film', 'ann');
  client.announce('film', 'bob', offers('o'));
  const messages = await client.settled();
  expect(messages.map((message) => ('offer' in message ? 'offer' : 'reply'))).toEqual(['reply', 'reply', 'offer']);
});

test('answers are relayed, and not answered', async () => {
  const { ann, bob } = await offered();
  answer(ann, 'ann', 'bob');
  expect(await bob.next()).toEqual({
    action: 'announce',
    info_hash: id('film'),
    peer_id: id('ann'),
    answer: { type: 'answer', sdp },
    offer_id: id('o'),
  });
  expect(await ann.settled()).toEqual([]);
});

test('descriptions arrive as they were sent, with any characters', async () => {
  const strange = `v=0\r\ns=\u{1f600} "\\" \u{0} \u{e9}\u{ff}\u{100}\u{2028}/\n`;
  const [ann, bob] = await pair();
  ann.announce('film', 'ann');
  await ann.next();
  bob.announce('film', 'bob', { offers: [{ offer: { type: 'offer', sdp: strange }, offer_id: id('o') }] });
  expect(await ann.next()).toMatchObject({ offer: { type: 'offer', sdp: strange } });
  answer(ann, 'ann', 'bob', { answer: { type: 'answer', sdp: strange } });
  await bob.next();
  expect(await bob.next()).toMatchObject({ answer: { type: 'answer', sdp: strange } });
});

test('ids of any bytes are echoed, also those that JSON or UTF-8 encode differently', async () => {
  const [ann, bob] = await pair();
  for (let first = 0; first < 256; first += 20) {
    const name = (shift: number): string => String.fromCharCode(...Array.from({ length: 20 }, (_, index) => (first + shift + index) % 256));
    const [swarm, annId, bobId, offerId] = [name(0), name(1), name(2), name(3)];
    ann.send({ action: 'announce', info_hash: swarm, peer_id: annId, left: 1 });
    expect(await ann.next()).toMatchObject({ info_hash: swarm });
    bob.send({
      action: 'announce',
      info_hash: swarm,
      peer_id: bobId,
      left: 1,
      offers: [{ offer: { type: 'offer', sdp }, offer_id: offerId }],
    });
    expect(await bob.next()).toMatchObject({ info_hash: swarm });
    expect(await ann.next()).toMatchObject({ info_hash: swarm, peer_id: bobId, offer_id: offerId });
  }
});

test('every message carries an action, and every announce message an info hash of 20', async () => {
  const client = await open();
  for (const frame of ['', 'null', '{}', '{"action":"seize"}', '{"action":"announce"}', '{"action":"scrape","info_hash":5}'])
    client.send(frame);
  client.announce('film', 'ann');
  const messages = await client.settled();
  expect(messages).toHaveLength(7);
  for (const message of messages) {
    expect(['announce', 'scrape']).toContain(message['action']);
    expect(message['info_hash']).toHaveLength(20);
  }
});

// What is tolerated.

test.each([
  ['offers: null', { offers: null }, 0],
  ['mock offers', { offers: [{ offer_id: id('x') }, {}, { offer: null }] }, 0],
  ['an offer id of 17 characters', { offers: [{ offer: { type: 'offer', sdp }, offer_id: 'o'.repeat(17) }] }, 1],
])('%s: answered, and the usable part is used', async (_, more, relayed) => {
  const [ann, bob] = await pair();
  ann.announce('film', 'ann');
  await ann.next();
  bob.announce('film', 'bob', more);
  expect(await bob.next()).toMatchObject({ incomplete: 2 });
  expect(await ann.settled()).toHaveLength(relayed);
});

test('an offer id of 17 characters comes back in the answer', async () => {
  const [ann, bob] = await pair();
  ann.announce('film', 'ann');
  await ann.next();
  bob.announce('film', 'bob', { offers: [{ offer: { type: 'offer', sdp }, offer_id: 'o'.repeat(17) }] });
  expect(await ann.next()).toMatchObject({ offer_id: 'o'.repeat(17) });
  answer(ann, 'ann', 'bob', { offer_id: 'o'.repeat(17) });
  await bob.next();
  expect(await bob.next()).toMatchObject({ peer_id: id('ann'), offer_id: 'o'.repeat(17) });
});

test('several info hashes and several peer ids on one socket', async () => {
  const client = await open();
  for (const swarm of ['film', 'song']) for (const peer of ['ann', 'bob']) client.announce(swarm, peer);
  expect((await client.settled()).map((message) => [message['info_hash'], message['incomplete']])).toEqual([
    [id('film'), 1],
    [id('film'), 2],
    [id('song'), 1],
    [id('song'), 2],
  ]);
});

test('an announce without an event from an unknown peer counts as a start, and early announces are answered', async () => {
  const client = await open();
  for (let time = 0; time < 5; time++) client.announce('film', 'ann');
  expect((await client.settled()).map((message) => message['incomplete'])).toEqual([1, 1, 1, 1, 1]);
});

test('an answer to a peer that left is dropped, and the answering peer stays connected', async () => {
  const { ann, bob } = await offered();
  await bob.close();
  answer(ann, 'ann', 'bob');
  expect(await ann.settled()).toEqual([]);
  expect(ann.socket.readyState).toBe(WebSocket.OPEN);
});

test('the close of an old socket does not remove the peer on the new one', async () => {
  const [old, fresh] = await pair();
  old.announce('film', 'ann');
  await old.next();
  old.socket.terminate();
  fresh.announce('film', 'ann', { left: 0 });
  expect(await fresh.next()).toMatchObject({ complete: 1, incomplete: 0 });
  fresh.scrape('film');
  expect(await fresh.next()).toMatchObject({ files: { [id('film')]: { complete: 1 } } });
});

// What is refused.

test('an answer for an offer that was not relayed to the answering peer is dropped', async () => {
  const { ann, bob } = await offered();
  const eve = await open();
  eve.announce('film', 'eve', { numwant: 0 });
  await eve.next();
  answer(eve, 'eve', 'bob');
  answer(ann, 'ann', 'bob', { offer_id: id('other') });
  await Promise.all([eve.settled(), ann.settled()]);
  expect(await bob.settled()).toEqual([]);
});

test('at most ten offers of an announce are used', async () => {
  const members = await Promise.all(Array.from({ length: 12 }, open.bind(null, '/')));
  for (const [index, member] of members.entries()) member.announce('film', `m${index}`);
  await Promise.all(members.map((member) => member.next()));
  const bob = await open();
  bob.announce('film', 'bob', { ...offers(...Array.from({ length: 12 }, (_, index) => `o${index}`)), numwant: 50 });
  await bob.next();
  expect((await Promise.all(members.map((member) => member.settled()))).flat()).toHaveLength(10);
});

test('at most 100 info hashes on a socket; existing ones stay', async () => {
  const client = await open();
  for (let index = 0; index < 101; index++) client.announce(`swarm ${index}`, 'ann');
  const messages = await client.settled();
  expect(messages.filter((message) => 'failure reason' in message)).toEqual([
    expect.objectContaining({ info_hash: id('swarm 100'), 'failure reason': expect.stringContaining('Too many info hashes') }),
  ]);
  client.announce('swarm 0', 'ann');
  expect(await client.next()).toMatchObject({ incomplete: 1 });
});

test('a message of 64 KiB is read, a longer one closes its socket with 1009', async () => {
  const client = await open();
  const short = JSON.stringify({ action: 'announce', info_hash: id('film'), peer_id: id('ann'), left: 1, extra: '' });
  client.send(short.replace('""', `"${'x'.repeat(64 * 1024 - short.length)}"`));
  expect(await client.next()).toMatchObject({ incomplete: 1 });
  client.send('x'.repeat(64 * 1024 + 1));
  expect((await once(client.socket, 'close'))[0]).toBe(1009);
});

test('two seeds are never introduced', async () => {
  const [ann, bob] = await pair();
  ann.announce('film', 'ann', { left: 0 });
  await ann.next();
  bob.announce('film', 'bob', { ...offers('o'), left: 0 });
  await bob.next();
  expect(await ann.settled()).toEqual([]);
});

test('v2: a hash of 32 characters shares a swarm with its first 20, and each side gets its own', async () => {
  const [ann, bob] = await pair();
  const long = `${id('film')}............`;
  ann.send({ action: 'announce', info_hash: long, peer_id: id('ann'), left: 1 });
  expect(await ann.next()).toMatchObject({ info_hash: long });
  bob.announce('film', 'bob', offers('o'));
  expect(await bob.next()).toMatchObject({ info_hash: id('film'), incomplete: 2 });
  expect(await ann.next()).toMatchObject({ info_hash: long, offer_id: id('o') });
});
