import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyFrame } from './testing/any-frame.ts';
import { toBinaryString, toHex, utf8 } from '../bytes.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { parseClientMessage, writeAnnounce, writeAnswer, writeScrape, type ClientMessage } from './client-messages.ts';

const film = 'film................';
const ann = 'ann.................';
const bob = 'bob.................';
const hexFilm = toHex(utf8(film)) as InfoHash;
const hexAnn = toHex(utf8(ann)) as PeerId;
const hexBob = toHex(utf8(bob)) as PeerId;
const base = { action: 'announce', info_hash: film, peer_id: ann, numwant: 5, uploaded: 0, downloaded: 0, left: 10 };
const offer = { offer: { type: 'offer', sdp: 'v=0' }, offer_id: bob };

function client(message: unknown): ClientMessage {
  return parseClientMessage(JSON.stringify(message));
}

test('an announce as WebTorrent sends it', () => {
  expect(client({ ...base, event: 'started', offers: [offer] })).toEqual({
    kind: 'announce',
    infoHash: film,
    peerId: ann,
    numwant: 5,
    seed: false,
    left: base.left,
    event: 'started',
    offers: [{ offerId: bob, sdp: 'v=0' }],
    unreachable: [],
  });
});

test('peers reported as unreachable: ids only, at most ten', () => {
  expect(client({ ...base, unreachable: [bob, 5, 'short', null, ann] })).toMatchObject({ unreachable: [bob, ann] });
  expect(client({ ...base, unreachable: Array.from({ length: 99 }, () => bob) })).toMatchObject({
    unreachable: Array.from({ length: 10 }, () => bob),
  });
  for (const unreachable of [null, bob, {}, 5]) expect(client({ ...base, unreachable })).toMatchObject({ unreachable: [] });
});

test.each([
  [0, true],
  [1, false],
  [null, false],
  [undefined, false],
  ['0', false],
  [[], false],
  [-0, true],
])('left: %j means seed: %s', (left, seed) => {
  expect(client({ ...base, left })).toMatchObject({ kind: 'announce', seed });
});

test('an announce of completed is from a seed, whatever it says is left', () => {
  expect(client({ ...base, event: 'completed' })).toMatchObject({ seed: true, event: 'completed' });
});

test.each([
  ['null', null],
  ['absent', undefined],
  ['no list', {}],
  ['mock offers', [null, 5, 'x', [], {}, { offer_id: bob }, { offer: null, offer_id: bob }]],
])('offers: %s are none, and no fault', (_, offers) => {
  expect(client({ ...base, offers })).toMatchObject({ kind: 'announce', offers: [] });
});

test('usable offers among mock ones are used, in order, at most numwant and at most ten', () => {
  const usable = (name: string) => ({ ...offer, offer_id: name.padEnd(20) });
  const ids = (message: ClientMessage) => (message.kind === 'announce' ? message.offers.map(({ offerId }) => offerId.trim()) : null);
  expect(ids(client({ ...base, offers: [{}, usable('a'), null, usable('b')] }))).toEqual(['a', 'b']);
  expect(ids(client({ ...base, numwant: 1, offers: [usable('a'), usable('b')] }))).toEqual(['a']);
  expect(ids(client({ ...base, numwant: 50, offers: Array.from({ length: 20 }, () => usable('a')) }))).toHaveLength(10);
});

test('an offer id of 17 characters is accepted, an empty one and one of 41 are not', () => {
  const withId = (id: string) => client({ ...base, offers: [{ ...offer, offer_id: id }] });
  expect(withId('x'.repeat(17))).toMatchObject({ offers: [{ offerId: 'x'.repeat(17) }] });
  for (const id of ['', 'x'.repeat(41), '\u{100}'.repeat(20)]) expect(withId(id)).toMatchObject({ offers: [] });
});

test('an sdp of 16 KiB is passed on, a longer one is not', () => {
  const withSdp = (sdp: string) => client({ ...base, offers: [{ ...offer, offer: { type: 'offer', sdp } }] });
  expect(withSdp('x'.repeat(16_384))).toMatchObject({ offers: [{ sdp: 'x'.repeat(16_384) }] });
  for (const sdp of ['', 'x'.repeat(16_385)]) expect(withSdp(sdp)).toMatchObject({ offers: [] });
});

test.each([
  [7, 7],
  [7.9, 7],
  [0, 0],
  [500, 50],
  [-1, 10],
  ['7', 10],
  [null, 10],
  [undefined, 10],
])('numwant %j is %i', (numwant, read) => {
  expect(client({ ...base, numwant })).toMatchObject({ numwant: read });
});

test('an unknown event counts as none', () => {
  for (const event of ['', 'update', 5, null, {}]) expect(client({ ...base, event })).toMatchObject({ kind: 'announce', event: null });
});

test('ids that are names of Object.prototype are ids like any other', () => {
  expect('propertyIsEnumerable').toHaveLength(20);
  expect(client({ ...base, info_hash: 'propertyIsEnumerable' })).toMatchObject({ kind: 'announce', infoHash: 'propertyIsEnumerable' });
});

test('all 256 byte values are legal in ids, 256 is not', () => {
  const high = toBinaryString(Uint8Array.from({ length: 20 }, (_: unknown, index: number) => 236 + index));
  expect(client({ ...base, info_hash: high })).toMatchObject({ kind: 'announce', infoHash: high });
  expect(client({ ...base, info_hash: `${high.slice(1)}\u{100}` })).toMatchObject({ kind: 'refused', infoHash: null });
  expect(client({ ...base, peer_id: `${high.slice(1)}\u{100}` })).toMatchObject({ kind: 'refused', infoHash: film });
});

test('info hashes have 20 characters, or 32 (BEP 52), peer ids 20', () => {
  expect(client({ ...base, info_hash: 'x'.repeat(32) })).toMatchObject({ kind: 'announce', infoHash: 'x'.repeat(32) });
  for (const length of [0, 19, 21, 31, 40]) {
    expect(client({ ...base, info_hash: 'x'.repeat(length) })).toMatchObject({ kind: 'refused', infoHash: null });
    expect(client({ ...base, peer_id: 'x'.repeat(length) })).toMatchObject({ kind: 'refused', infoHash: film });
  }
});

test('an answer keeps what is relayed and nothing else', () => {
  const answer = { ...base, to_peer_id: bob, answer: { type: 'answer', sdp: 'v=0', extra: 1 }, offer_id: 'o'.repeat(17), extra: 1 };
  expect(client(answer)).toEqual({ kind: 'answer', infoHash: film, peerId: ann, toPeerId: bob, offerId: 'o'.repeat(17), sdp: 'v=0' });
  for (const broken of [
    { to_peer_id: 5 },
    { offer_id: null },
    { answer: { type: 'offer', sdp: 'v=0' } },
    { answer: { type: 'answer', sdp: 5 } },
  ]) {
    expect(client({ ...answer, ...broken })).toMatchObject({ kind: 'refused', infoHash: film });
  }
  expect(client({ ...answer, answer: null })).toMatchObject({ kind: 'announce' });
});

test('scrapes of one and of many hashes; of everything, of nothing and of too many refused', () => {
  expect(client({ action: 'scrape', info_hash: film })).toEqual({ kind: 'scrape', infoHashes: [film] });
  expect(client({ action: 'scrape', info_hash: [film, bob] })).toEqual({ kind: 'scrape', infoHashes: [film, bob] });
  for (const asked of [undefined, null, [], 5, {}, [film, 5], Array.from({ length: 101 }, () => film)]) {
    expect(client({ action: 'scrape', info_hash: asked })).toMatchObject({ kind: 'refused', action: 'scrape' });
  }
});

test('what a client writes is what a tracker reads', () => {
  const request = {
    infoHash: hexFilm,
    peerId: hexAnn,
    numwant: 5,
    uploaded: 1,
    downloaded: 2,
    left: null,
    event: null,
    offers: [],
    unreachable: [],
  };
  expect(parseClientMessage(writeAnnounce(request))).toMatchObject({
    kind: 'announce',
    infoHash: film,
    peerId: ann,
    seed: false,
    event: null,
  });
  const full = writeAnnounce({ ...request, left: 0, event: 'started', offers: [{ offerId: bob, sdp: 'v=0' }], unreachable: [hexBob] });
  const told = { seed: true, event: 'started', offers: [{ offerId: bob, sdp: 'v=0' }], unreachable: [bob] };
  expect(parseClientMessage(full)).toMatchObject(told);
  expect(writeAnnounce(request)).not.toContain('unreachable');
  const answer = { infoHash: hexFilm, peerId: hexAnn, toPeerId: hexBob, offerId: bob, sdp: 'v=0' };
  const read = { kind: 'answer', infoHash: film, peerId: ann, toPeerId: bob, offerId: bob, sdp: 'v=0' };
  expect(parseClientMessage(utf8(writeAnswer(answer)))).toEqual(read);
  expect(parseClientMessage(writeScrape([hexFilm]))).toEqual({ kind: 'scrape', infoHashes: [film] });
});

test('no frame makes the reader throw', () => {
  fc.assert(
    fc.property(anyFrame, (text) => {
      expect(['announce', 'answer', 'scrape', 'refused']).toContain(parseClientMessage(text).kind);
    }),
    { numRuns: 2000 },
  );
});
