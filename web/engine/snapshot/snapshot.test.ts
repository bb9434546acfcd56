import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bitfield } from '../../../shared/swarm/lib/bitfield.ts';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import { etaSeconds, fileProgress, phaseOf, pieceBins, waitingOf, type Facts } from './snapshot.ts';

const downloading: Facts = {
  failed: false,
  checking: false,
  paused: false,
  chosen: true,
  keptBack: false,
  state: 'downloading',
  storageFull: false,
  storing: false,
  peers: [{ peerChoking: false, downRate: 1000, havePieces: 5 }],
  downRate: 1000,
  webFetches: 0,
  connecting: 0,
  seeds: 1,
  leeches: 0,
  trackers: [{ state: 'working' }],
  missingBytes: 100,
  unavailableBytes: 0,
};

const alone: Facts = { ...downloading, peers: [], downRate: 0 };

function words(facts: Facts): string {
  const waiting = waitingOf(facts);
  return `${phaseOf(facts, waiting)} ${waiting}`;
}

test('the state and the one reason why nothing moves', () => {
  expect(words(downloading)).toBe('downloading none');
  expect(words({ ...alone, seeds: null, leeches: null, trackers: [{ state: 'connecting' }] })).toBe('downloading looking');
  expect(words({ ...alone, connecting: 2 })).toBe('downloading connecting');
  expect(words({ ...alone, seeds: 1 })).toBe('downloading connecting');
  expect(words({ ...alone, seeds: 0, leeches: 0 })).toBe('stalled nobody');
  expect(words({ ...alone, trackers: [{ state: 'failing' }] })).toBe('stalled noTracker');
  expect(words({ ...alone, trackers: [] })).toBe('stalled noTracker');
  expect(words({ ...alone, seeds: 0, leeches: 0, webFetches: 1 })).toBe('downloading none');
  expect(words({ ...alone, seeds: 0, leeches: 0, downRate: 1000 })).toBe('downloading none');
  expect(words({ ...downloading, unavailableBytes: 100 })).toBe('stalled unavailable');
  expect(words({ ...downloading, unavailableBytes: 99 })).toBe('downloading none');
  expect(words({ ...downloading, downRate: 0, peers: [{ peerChoking: true, downRate: 0, havePieces: 5 }] })).toBe('downloading choked');
  expect(words({ ...downloading, storageFull: true })).toBe('stalled noRoom');
  expect(words({ ...downloading, keptBack: true })).toBe('stalled files');
  expect(words({ ...downloading, keptBack: true, missingBytes: 0, state: 'seeding' })).toBe('seeding none');
  expect(words({ ...downloading, missingBytes: 0, state: 'seeding' })).toBe('seeding none');
  expect(words({ ...downloading, missingBytes: 0, state: 'seeding', storing: true })).toBe('downloading none');
  expect(words({ ...downloading, missingBytes: 0, state: 'seeding', storageFull: true })).toBe('seeding none');
  expect(words({ ...alone, missingBytes: 0, state: 'seeding', seeds: 0, leeches: 0 })).toBe('seeding none');
  expect(words({ ...downloading, chosen: false, state: 'idle', missingBytes: 0 })).toBe('metadata confirmation');
  expect(words({ ...alone, chosen: false, state: 'metadata', seeds: 0, leeches: 0 })).toBe('metadata nobody');
  expect(words({ ...downloading, state: 'metadata' })).toBe('metadata none');
  expect(words({ ...alone, paused: true })).toBe('paused none');
  expect(words({ ...alone, checking: true })).toBe('checking none');
  expect(words({ ...downloading, failed: true })).toBe('failed none');
});

test('the time left is whole seconds, and unknown where nothing comes in', () => {
  expect(etaSeconds(1001, 1000)).toBe(2);
  expect(etaSeconds(1000, 0)).toBeNull();
  expect(etaSeconds(0, 1000)).toBeNull();
});

test('progress of files that share a piece, of an empty one and of the last', () => {
  const geometry = new Geometry(10, [
    { length: 15, padding: false },
    { length: 0, padding: false },
    { length: 7, padding: false },
  ]);
  const have = new Bitfield(3);
  have.set(1);
  expect([...fileProgress(have.bytes, geometry, [0, 1, 2])]).toEqual([5, 0, 5]);
});

test('bins show the share of bytes under them: a full bin is complete, an empty one has nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 1, max: 100 }),
      fc.func(fc.boolean()),
      (pieceCount, last, hasPiece) => {
        const geometry = new Geometry(100, [{ length: (pieceCount - 1) * 100 + last, padding: false }]);
        const have = new Bitfield(pieceCount);
        for (let piece = 0; piece < pieceCount; piece++) if (hasPiece(piece)) have.set(piece);
        const bins = pieceBins(have.bytes, geometry);
        expect(bins).toHaveLength(Math.min(512, pieceCount));
        expect(bins.every((share) => share === 255)).toBe(have.isFull);
        expect(bins.some((share) => share > 0) && have.count === 0).toBe(false);
      },
    ),
  );
});
