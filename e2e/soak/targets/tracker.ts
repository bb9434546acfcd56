import { connect } from 'node:net';
import { once } from 'node:events';
import { present } from '../../../shared/assert.ts';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { seededRandom, type Random } from '../../../shared/random.ts';
import { parseClientMessage } from '../../../shared/tracker/client-messages.ts';
import { parseTrackerMessage } from '../../../shared/tracker/server-messages.ts';
import { isCatalogueRecord, listRequestOf, removeRequestOf } from '../../../signal-tracker/catalogue/requests.ts';
import { searchWords } from '../../../signal-tracker/catalogue/search-words.ts';
import { readMessages, writeMessage } from '../../../signal-tracker/cluster/messages.ts';
import { readClientFrame } from '../../../signal-tracker/codec/client-frame.ts';
import { startTracker, type Tracker } from '../../../signal-tracker/compose.ts';
import { readCommand } from '../../../signal-tracker/config/config.ts';
import { UsageError } from '../../../signal-tracker/config/usage-error.ts';
import { FrameFuzzer } from '../../../signal-tracker/testing/frame-fuzzer.ts';
import { fuzzTracker } from '../../../signal-tracker/testing/fuzz.ts';
import { anyJson, mutated, mutatedText, pick } from '../inputs.ts';
import { expectSame, expectThat, refusing, type Target } from '../target.ts';

const id = (name: string): string => name.padEnd(20, '.');
const offer = { offer: { type: 'offer', sdp: 'v=0\r\n' }, offer_id: id('offer'), peer_id: id('ann') };

const answers = [
  { action: 'announce', info_hash: id('swarm'), interval: 120, complete: 3, incomplete: 4, 'failure reason': '' },
  { action: 'announce', info_hash: id('swarm'), ...offer },
  { action: 'announce', info_hash: id('swarm'), answer: { type: 'answer', sdp: 'v=0' }, offer_id: id('o'), peer_id: id('bob') },
  { action: 'scrape', files: { [id('swarm')]: { complete: 1, incomplete: 2, downloaded: 3 } } },
].map((answer) => JSON.stringify(answer));

function takeFrame(random: Random): void {
  const frame = new FrameFuzzer(random).next();
  expectSame(readClientFrame(frame, true).kind, parseClientMessage(frame).kind, 'two readers of one frame disagree');
}

const listing = {
  infoHash: 'ab'.repeat(20),
  name: 'Films',
  sizeBytes: 5,
  fileCount: 1,
  publicKey: 'A'.repeat(87),
  signature: 'B'.repeat(86),
  signedAtMs: 1_700_000_000_000,
};
const record = { version: 1, entries: [{ listing, publicKey: listing.publicKey, listedAtMs: 1 }], barred: ['cd'.repeat(20)] };
const recordNames = ['version', 'entries', 'barred', 'listing', ...Object.keys(listing)];

function takeCatalogue(random: Random): void {
  const text =
    random.below(2) === 0 ? mutated([utf8(JSON.stringify(listing))], random) : utf8(JSON.stringify(anyJson(recordNames, random)));
  const body = Buffer.from(text);
  const request = listRequestOf(body);
  if (request !== null) expectThat(request.listing.name !== '' && !/\p{Surrogate}/u.test(request.listing.name), 'a listing without a name');
  removeRequestOf(body);
}

const batches = [
  writeMessage({ kind: 'offer', swarm: id('s'), to: id('a'), from: id('b'), mark: 'node|1', offerId: 'o', sdp: 'v=0\r\n' }),
  writeMessage({ kind: 'claim', swarm: id('s'), peerId: id('a'), mark: 'node|1' }),
  writeMessage({ kind: 'held', swarm: id('s'), peerId: id('a') }),
];

function takeBatch(random: Random): void {
  const batch = readMessages(mutatedText([`node\n${batches.join('')}`, `node\n${pick(batches, random)}`], random));
  if (batch === null) return;
  const again = readMessages(`${batch.sender}\n${batch.messages.map(writeMessage).join('')}`);
  expectSame(again, batch, 'a batch changes on its way');
}

const flags = ['--port', '8000', '--host', '::', '--stun', 'stun:s.example', '--turn', '--turn-secret', 'x', '--trust-proxy', '10.0.0.0/8'];
const moreFlags = ['--origin', 'https://a.example', '--public-url', 'http://a', '--redis', 'redis://r', '--log-level', '--help', '--seed'];

function takeFlags(random: Random): void {
  const args = Array.from({ length: random.below(6) }, () => {
    const flag = pick([...flags, ...moreFlags], random);
    return random.below(3) === 0 ? mutatedText([flag], random).replaceAll('\0', '') : flag;
  });
  refusing([UsageError], () => readCommand(args, pick([{}, { PORT: '80' }, { PORT: 'x' }], random)));
}

let tracker: Tracker | null = null;

const requests = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /api/ice HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip, br;q=0\r\n\r\n',
  'GET /status HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n\r\n',
  'GET /seed/x/y HTTP/1.1\r\nHost: a\r\nRange: bytes=5-2,0-\r\n\r\n',
  'GET /api/catalogue?search=%ff&page=-1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'PUT /api/catalogue/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{"a":',
  'GET /announce HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n',
].map(utf8);

const requestsAtOnce = 100;

/** Sends bytes over a connection of its own and hangs up. */
async function sendRequest(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = once(socket, 'close');
  // The tracker may reset the connection of a client that sends nonsense.
  socket.on('error', () => socket.destroy());
  socket.on('data', () => socket.end());
  socket.write(bytes);
  const timer = setTimeout(() => socket.destroy(), 100);
  await closed;
  clearTimeout(timer);
}

/** Sends many requests at once, then sees that the tracker still answers. */
async function takeRequests(random: Random): Promise<void> {
  const { port } = present(tracker, 'the target has started');
  await Promise.all(Array.from({ length: requestsAtOnce }, () => sendRequest(port, mutated(requests, random))));
  const health = await fetch(`http://127.0.0.1:${port}/healthz`);
  expectThat(health.status === 200, `the tracker is not healthy: ${health.status}`);
  await health.text();
}

const framesAtOnce = 5000;

export const trackerTargets: readonly Target[] = [
  { name: 'client frames', take: takeFrame },
  { name: 'tracker messages', take: (random) => void parseTrackerMessage(mutatedText(answers, random)) },
  { name: 'tracker message shapes', take: (random) => void parseTrackerMessage(JSON.stringify(anyJson(messageNames, random)) ?? '') },
  { name: 'catalogue requests', take: takeCatalogue },
  {
    name: 'catalogue file',
    take: (random) => {
      const value = random.below(2) === 0 ? anyJson(recordNames, random) : changedMember(record, random);
      isCatalogueRecord(value);
    },
  },
  { name: 'search words', take: (random) => void searchWords(fromUtf8(mutated([utf8('Große Filme 2024 – ſ')], random))) },
  { name: 'cluster messages', take: takeBatch },
  { name: 'command line', take: takeFlags },
  {
    name: 'HTTP requests',
    take: takeRequests,
    mostMs: 5000,
    inputs: requestsAtOnce,
    start: async () => void (tracker = await startTracker({ port: 0, host: '127.0.0.1', catalogue: true, adminToken: 'soak' })),
    stop: async () => tracker?.close(),
  },
  {
    name: 'whole tracker',
    take: async (random) => void (await fuzzTracker(random.below(2 ** 31), framesAtOnce)),
    mostMs: 120_000,
    inputs: framesAtOnce,
  },
];

const messageNames = [
  'action',
  'info_hash',
  'peer_id',
  'offer',
  'offer_id',
  'answer',
  'type',
  'sdp',
  'interval',
  'complete',
  'files',
  'failure reason',
];

function changedMember(sample: Readonly<Record<string, unknown>>, random: Random): unknown {
  return { ...sample, [pick(Object.keys(sample), random)]: anyJson(recordNames, seededRandom(random.below(2 ** 31))) };
}
