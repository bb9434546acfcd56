import { expect, test } from 'vitest';
import { run } from './run.ts';
import { median, runs, story } from './runs.ts';
import { flashCrowd, idealCrowd, leeches, mebibyte, seeds } from './scenarios.ts';

/** Peers are one seed and the rest leeches. Checkers watch every step of these runs. */
test.each([
  { peers: 2, seedCount: 20 },
  { peers: 3, seedCount: 20 },
  { peers: 8, seedCount: 20 },
  { peers: 20, seedCount: 20 },
  { peers: 50, seedCount: 3 },
])('everyone of $peers peers finishes', ({ peers, seedCount }) => {
  for (const result of runs(flashCrowd(peers - 1), seedCount)) {
    expect(result.everyoneDone, story(result)).toBe(true);
    // Set-up takes 1–3 s of a bound of 1.5 s: beyond that, a small share costs little more than its bytes.
    expect(result.endedMs, story(result)).toBeLessThan(3000 + 6 * result.boundMs);
  }
});

test('everyone finishes with few slots, slow downlinks, slow disks and capped flows', () => {
  const slow = { ...leeches, count: 6, down: 0.5 * mebibyte, verifyMs: 500 };
  const { transport } = flashCrowd(1);
  const scenario = flashCrowd(6, {
    name: 'narrow',
    groups: [seeds, slow],
    swarm: { uploadSlots: 2, optimisticSlots: 1 },
    transport: { ...transport, flowBytesPerSecond: 0.2 * mebibyte },
  });
  for (const result of runs(scenario, 10)) expect(result.everyoneDone, story(result)).toBe(true);
});

test('same seed, same run; another seed, another run', () => {
  const scenario = flashCrowd(7);
  expect(run(scenario, 42).traceHash).toBe(run(scenario, 42).traceHash);
  expect(run(scenario, 42)).toEqual(run(scenario, 42));
  expect(run(scenario, 42).traceHash).not.toBe(run(scenario, 43).traceHash);
});

test('real wire bytes, cut and joined at random, lead to the same outcome as messages', () => {
  for (const asBytes of [false, true]) {
    for (const result of runs(flashCrowd(4, { asBytes, name: asBytes ? 'bytes' : 'messages' }), 5)) {
      expect(result.everyoneDone, story(result)).toBe(true);
      expect(result.failedPieces, story(result)).toBe(0);
    }
  }
});

test('who comes by magnet gets the metadata from peers that may not have it yet either', () => {
  const scenario = flashCrowd(5, { name: 'magnets', groups: [seeds, { ...leeches, count: 5, byMagnet: true }] });
  for (const asBytes of [false, true]) for (const result of runs({ ...scenario, asBytes }, 5)) expect(result.everyoneDone, story(result)).toBe(true);
});

test('a leech whose disk is full serves what it has and harms nobody', () => {
  const full = { ...leeches, name: 'full', count: 2, capacityPieces: 8, mustFinish: false };
  for (const result of runs(flashCrowd(3, { name: 'full disks', groups: [seeds, { ...leeches, count: 3 }, full] }), 10)) {
    expect(result.everyoneDone, story(result)).toBe(true);
    for (const peer of result.peers) if (peer.group === 'full') expect(peer.storedPieces, story(result)).toBe(8);
  }
});

/** Ratios of the last finisher to the fluid bound, measured and with a margin: a change of policy that costs more than that fails. */
test.each([
  { leechCount: 1, pieceCount: 256, seedUp: mebibyte, mostRatio: 1.02 },
  { leechCount: 10, pieceCount: 256, seedUp: mebibyte, mostRatio: 1.35 },
  { leechCount: 10, pieceCount: 256, seedUp: 4 * mebibyte, mostRatio: 1.25 },
  { leechCount: 40, pieceCount: 256, seedUp: mebibyte, mostRatio: 1.75 },
])('one seed of $seedUp B/s and $leechCount leeches stay near the fluid bound', ({ leechCount, pieceCount, seedUp, mostRatio }) => {
  const results = runs(idealCrowd(leechCount, pieceCount, seedUp), leechCount > 10 ? 1 : 3);
  for (const result of results) {
    expect(result.everyoneDone, story(result)).toBe(true);
    expect(result.lastRatio, story(result)).toBeGreaterThanOrEqual(1);
    expect(result.lastRatio, story(result)).toBeLessThan(mostRatio);
  }
  expect(median(results.map(({ wastedShare }) => wastedShare))).toBeLessThan(0.01);
});
