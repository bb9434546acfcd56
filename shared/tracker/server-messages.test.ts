import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyFrame } from './testing/any-frame.ts';
import { toHex, utf8 } from '../bytes.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { parseTrackerMessage } from './server-messages.ts';

const film = 'film................';
const ann = 'ann.................';
const bob = 'bob.................';
const hexFilm = toHex(utf8(film)) as InfoHash;
const hexBob = toHex(utf8(bob)) as PeerId;

function tracker(message: unknown) {
  return parseTrackerMessage(JSON.stringify(message));
}

test('a reply, with and without numbers', () => {
  const reply = { action: 'announce', info_hash: film, interval: 120, complete: 1, incomplete: 2, ice_servers: [] };
  const read = { kind: 'announced', infoHash: hexFilm, intervalSeconds: 120, complete: 1, incomplete: 2, warning: null };
  expect(tracker(reply)).toEqual(read);
  expect(tracker({ action: 'announce', info_hash: film, interval: 'soon', complete: -1, 'warning message': 'slow' })).toEqual({
    ...read,
    intervalSeconds: null,
    complete: null,
    incomplete: null,
    warning: 'slow',
  });
});

test('relayed offers and answers have hex ids; broken ones are nothing', () => {
  const relayed = { action: 'announce', info_hash: film, peer_id: bob, offer: { type: 'offer', sdp: 'v=0' }, offer_id: 'o'.repeat(17) };
  const read = { kind: 'offer', infoHash: hexFilm, peerId: hexBob, offerId: 'o'.repeat(17), sdp: 'v=0' };
  expect(tracker(relayed)).toEqual(read);
  expect(tracker({ ...relayed, offer: undefined, answer: { type: 'answer', sdp: 'v=0' } })).toEqual({ ...read, kind: 'answer' });
  for (const broken of [
    { peer_id: 'x' },
    { offer: null },
    { offer: { type: 'offer' } },
    { offer_id: 5 },
    { info_hash: 'x' },
    { action: 'x' },
  ]) {
    expect(tracker({ ...relayed, ...broken })).toBeNull();
  }
});

test('scraped counts, unreadable entries left out', () => {
  const files = { [film]: { complete: 1, incomplete: 2, downloaded: 3 }, [bob]: {}, short: {}, [ann]: null };
  const read = new Map<string, object>([
    [hexFilm, { complete: 1, incomplete: 2, downloaded: 3 }],
    [hexBob, { complete: 0, incomplete: 0, downloaded: 0 }],
  ]);
  expect(tracker({ action: 'scrape', files })).toEqual({ kind: 'scraped', files: read });
  expect(tracker({ action: 'scrape', files: [] })).toBeNull();
});

test('failures, with and without info hash, cut to what is shown', () => {
  expect(tracker({ action: 'announce', info_hash: film, 'failure reason': 'x'.repeat(1000) })).toEqual({
    kind: 'failure',
    infoHash: hexFilm,
    reason: 'x'.repeat(255),
  });
  expect(tracker({ 'failure reason': 'full' })).toEqual({ kind: 'failure', infoHash: null, reason: 'full' });
});

test('no frame makes the reader throw', () => {
  fc.assert(
    fc.property(anyFrame, (text) => {
      expect(['announced', 'offer', 'answer', 'scraped', 'failure', undefined]).toContain(parseTrackerMessage(text)?.kind);
    }),
    { numRuns: 2000 },
  );
});
