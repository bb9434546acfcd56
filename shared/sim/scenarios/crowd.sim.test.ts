import { expect, test } from 'vitest';
import { failures, median, peerFailures, unfinished } from '../report.ts';
import { run, runs } from '../run.ts';
import { byRounds, flashCrowd, idealCrowd, leeches, mebibyte, seeds } from './scenarios.ts';

/** One seed, the rest leeches. Invariants are checked after every step. */
test.each([
  { peers: 2, seedCount: 20 },
  { peers: 3, seedCount: 20 },
  { peers: 8, seedCount: 20 },
  { peers: 20, seedCount: 20 },
  { peers: 50, seedCount: 5 },
])('everyone of $peers peers finishes', ({ peers, seedCount }) => {
  const results = runs(flashCrowd(peers - 1), seedCount);
  expect(unfinished(results)).toEqual([]);
  // Set-up takes 1–3 s and the bound is 1.5 s.
  expect(failures(results, ({ endedMs, boundMs }) => endedMs < 3000 + 5 * boundMs)).toEqual([]);
  // In a share of 94 blocks nearly everything is end game: 5–13 % arrive twice. Shares of common size waste 0.3 %.
  expect(failures(results, ({ wastedShare }) => wastedShare < 0.25)).toEqual([]);
  expect(peerFailures(results, ({ banned, failedPieces }) => banned.length === 0 && failedPieces === 0)).toEqual([]);
});

test('everyone finishes with few slots, slow downlinks, slow disks and capped flows', () => {
  const slow = { ...leeches, count: 6, down: 0.5 * mebibyte, verifyMs: 500 };
  const { transport } = flashCrowd(1);
  const scenario = flashCrowd(6, {
    name: 'narrow',
    groups: [seeds, slow],
    swarm: { uploads: 1, mostUploads: 2 },
    transport: { ...transport, flowBytesPerSecond: 0.2 * mebibyte },
  });
  expect(unfinished(runs(scenario, 20))).toEqual([]);
});

test('a piece reserved for a link that chokes goes to others (hung before with 4 slots, seed 1)', () => {
  const scenario = idealCrowd(40, 64, mebibyte, {
    swarm: { ...byRounds, uploadSlots: 4, optimisticSlots: 1 },
    deadlineMs: 400_000,
  });
  expect(unfinished(runs(scenario, 2))).toEqual([]);
});

test('the same seed gives the same run, another seed another run', () => {
  const scenario = flashCrowd(7);
  const first = run(scenario, 42);
  expect(run(scenario, 42)).toEqual(first);
  expect(run(scenario, 43).traceHash).not.toBe(first.traceHash);
});

test.each([true, false])('real wire bytes, split and joined at random, have the same outcome as messages (bytes: %s)', (asBytes) => {
  const results = runs(flashCrowd(4, { asBytes, name: asBytes ? 'bytes' : 'messages' }), 5);
  expect(unfinished(results)).toEqual([]);
  expect(peerFailures(results, ({ storedPieces, failedPieces }) => storedPieces === 24 && failedPieces === 0)).toEqual([]);
});

test.each([true, false])('peers that join by magnet get the metadata, from leeches too (bytes: %s)', (asBytes) => {
  const scenario = flashCrowd(5, { name: 'magnets', asBytes, groups: [seeds, { ...leeches, count: 5, byMagnet: true }] });
  expect(unfinished(runs(scenario, 5))).toEqual([]);
});

test('a leech with a full disk serves what it has and harms nobody', () => {
  const full = { ...leeches, name: 'full', count: 2, capacityPieces: 8, mustFinish: false };
  const results = runs(flashCrowd(3, { name: 'full disks', groups: [seeds, { ...leeches, count: 3 }, full] }), 10);
  expect(unfinished(results)).toEqual([]);
  expect(peerFailures(results, ({ group, storedPieces }) => group !== 'full' || storedPieces === 8)).toEqual([]);
});

/** Ratios of the last finisher to the fluid bound, as measured plus a margin: a policy that costs more fails. */
test.each([
  { leechCount: 1, seedUp: 1, seedCount: 3, mostRatio: 1.01 },
  { leechCount: 10, seedUp: 1, seedCount: 3, mostRatio: 1.4 },
  { leechCount: 10, seedUp: 4, seedCount: 3, mostRatio: 1.23 },
  { leechCount: 40, seedUp: 1, seedCount: 1, mostRatio: 1.8 },
])('by rounds one seed of $seedUp MiB/s and $leechCount leeches stay near it', ({ leechCount, seedUp, seedCount, mostRatio }) => {
  const results = runs(idealCrowd(leechCount, 256, seedUp * mebibyte, { swarm: byRounds }), seedCount);
  expect(unfinished(results)).toEqual([]);
  expect(failures(results, ({ lastRatio }) => lastRatio >= 1 && lastRatio < mostRatio)).toEqual([]);
  expect(median(results.map(({ wastedShare }) => wastedShare))).toBeLessThan(0.01);
});

test.each([
  { leechCount: 1, seedUp: 1, seedCount: 2, mostRatio: 1.01 },
  { leechCount: 10, seedUp: 1, seedCount: 2, mostRatio: 1.1 },
  { leechCount: 10, seedUp: 4, seedCount: 2, mostRatio: 1.1 },
  { leechCount: 40, seedUp: 1, seedCount: 1, mostRatio: 1.12 },
])(
  'by turns of whole pieces one seed of $seedUp MiB/s and $leechCount leeches come near it',
  ({ leechCount, seedUp, seedCount, mostRatio }) => {
    const results = runs(idealCrowd(leechCount, 256, seedUp * mebibyte), seedCount);
    expect(unfinished(results)).toEqual([]);
    expect(failures(results, ({ lastRatio }) => lastRatio >= 1 && lastRatio < mostRatio)).toEqual([]);
  },
  120_000,
);

test.each([
  { leechCount: 3, mostRatio: 1.09 },
  { leechCount: 8, mostRatio: 1.09 },
])('where a turn is several small pieces, $leechCount leeches come near it, too', ({ leechCount, mostRatio }) => {
  const kibibyte32 = mebibyte / 32;
  const results = runs(idealCrowd(leechCount, 512, mebibyte, { pieceBytes: kibibyte32, lastPieceBytes: kibibyte32 }), 1);
  expect(unfinished(results)).toEqual([]);
  expect(failures(results, ({ lastRatio }) => lastRatio >= 1 && lastRatio < mostRatio)).toEqual([]);
});
