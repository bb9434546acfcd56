import { expect, test } from 'vitest';
import type { Result } from './run.ts';
import { median, runs, story, timesOf } from './runs.ts';
import { flashCrowd, freeRiders, hostile } from './scenarios.ts';

/** The world knows a bad block from an honest one, and a checker compares what a torrent counts as verified with what is honest. */
function expectClean(result: Result): void {
  expect(result.everyoneDone, story(result)).toBe(true);
  for (const peer of result.peers) if (peer.mustFinish) expect(peer.storedPieces, story(result)).toBe(24);
}

test.each([1, 0.3, 0.05])('a fifth poison %d of their blocks: no leech loses more than two pieces to each', (badShare) => {
  for (const result of runs(hostile('poisoner', 2, 8, { badShare }), 20)) {
    expectClean(result);
    for (const peer of result.peers) expect(peer.failedPieces, `${peer.name}: ${story(result)}`).toBeLessThanOrEqual(2 * 2);
  }
});

test('one poisoner among honest peers is banned by whoever took a piece of it, and nobody else is', () => {
  for (const result of runs(hostile('poisoner', 1, 5), 20)) {
    expectClean(result);
    for (const peer of result.peers) {
      expect(peer.banned, `${peer.name}: ${story(result)}`).toEqual(peer.failedPieces > 0 ? ['poisoner 0'] : []);
    }
  }
});

test.each(['liar', 'silent'] as const)('everyone finishes among peers that are %s', (strategy) => {
  for (const result of runs(hostile(strategy, 2, 6), 20)) {
    expectClean(result);
    for (const peer of result.peers) expect(peer.failedPieces, story(result)).toBe(0);
  }
});

test('honest peers are never banned', () => {
  for (const result of runs(flashCrowd(7), 10)) for (const peer of result.peers) expect(peer.banned, story(result)).toEqual([]);
});

test('free riders are slower than contributors where slots are scarce', () => {
  const scenario = { ...freeRiders(4, 16, 64), swarm: { uploadSlots: 4, optimisticSlots: 1 } };
  for (const result of runs(scenario, 5)) {
    expect(result.everyoneDone, story(result)).toBe(true);
    expect(median(timesOf(result, 'rider')), story(result)).toBeGreaterThan(1.15 * median(timesOf(result, 'leech')));
  }
});
