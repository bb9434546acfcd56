import { expect, test } from 'vitest';
import { phaseOf, waitingOf, type Facts } from './phase.ts';

const downloading: Facts = {
  failed: false,
  checking: false,
  paused: false,
  chosen: true,
  startsByItself: false,
  keptBack: false,
  state: 'downloading',
  storageFull: false,
  storing: false,
  peers: [{ peerChoking: false, amInterested: true, refusing: false, downRate: 1000, havePieces: 5 }],
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

const choking = { peerChoking: true, amInterested: true, refusing: false, downRate: 0, havePieces: 5 };
const refusing = { ...choking, peerChoking: false, refusing: true };

function words(facts: Facts): string {
  const waiting = waitingOf(facts);
  return `${phaseOf(facts, waiting)} ${waiting}`;
}

test('the phase, and the one reason why nothing moves', () => {
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
  expect(words({ ...downloading, downRate: 0, peers: [choking] })).toBe('downloading choked');
  expect(words({ ...downloading, storageFull: true })).toBe('stalled noRoom');
  expect(words({ ...downloading, keptBack: true })).toBe('stalled files');
  expect(words({ ...downloading, keptBack: true, missingBytes: 0, state: 'seeding' })).toBe('seeding none');
  expect(words({ ...downloading, missingBytes: 0, state: 'seeding' })).toBe('seeding none');
  expect(words({ ...downloading, missingBytes: 0, state: 'seeding', storing: true })).toBe('downloading none');
  expect(words({ ...downloading, missingBytes: 0, state: 'seeding', storageFull: true })).toBe('seeding none');
  // What came last waits in memory for room.
  expect(words({ ...downloading, missingBytes: 0, state: 'seeding', storing: true, storageFull: true })).toBe('stalled noRoom');
  expect(words({ ...alone, missingBytes: 0, state: 'seeding', seeds: 0, leeches: 0 })).toBe('seeding none');
  expect(words({ ...downloading, chosen: false, state: 'idle', missingBytes: 0 })).toBe('metadata confirmation');
  expect(words({ ...downloading, chosen: false, startsByItself: true, state: 'idle', missingBytes: 0 })).toBe('metadata none');
  expect(words({ ...alone, chosen: false, state: 'metadata', seeds: 0, leeches: 0 })).toBe('metadata nobody');
  expect(words({ ...downloading, state: 'metadata' })).toBe('metadata none');
  expect(words({ ...alone, paused: true })).toBe('paused none');
  expect(words({ ...alone, checking: true })).toBe('checking none');
  expect(words({ ...downloading, failed: true })).toBe('failed none');
});

test('people who reject what they have are the reason where nobody else gives anything', () => {
  const still = { ...downloading, downRate: 0 };
  expect(words({ ...still, peers: [refusing] })).toBe('downloading refused');
  expect(words({ ...still, peers: [refusing, choking] })).toBe('downloading refused');
  expect(words({ ...still, peers: [choking] })).toBe('downloading choked');
  expect(words({ ...still, peers: [refusing, { ...choking, peerChoking: false }] })).toBe('downloading none');
  const hasNothing = { ...choking, peerChoking: false, amInterested: false };
  expect(words({ ...still, peers: [refusing, hasNothing] })).toBe('downloading refused');
  expect(words({ ...still, peers: [hasNothing] })).toBe('downloading none');
  expect(words({ ...downloading, peers: [refusing] })).toBe('downloading none');
});
