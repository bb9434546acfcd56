import { expect, test } from 'vitest';
import { median, type Result, unfinished } from '../report.ts';
import { runs } from '../run.ts';
import { type Group, idealCrowd, leeches, mebibyte, seeds } from './scenarios.ts';

const seedsOfRuns = 3;

/** One seed and others: with turns one after another, and with all at once as among a few. */
function bothWays(
  name: string,
  groups: readonly Group[],
  pieceCount = 64,
  pieceBytes = mebibyte / 4,
): { oneAfterAnother: Result[]; allAtOnce: Result[] } {
  const withCrowdLinks = (swarm: { crowdLinks?: number }): Result[] =>
    runs(
      idealCrowd(1, pieceCount, mebibyte, { name, groups, pieceBytes, lastPieceBytes: pieceBytes, swarm, deadlineMs: 3_000_000 }),
      seedsOfRuns,
    );
  return { oneAfterAnother: withCrowdLinks({}), allAtOnce: withCrowdLinks({ crowdLinks: Infinity }) };
}

const lastRatio = (results: readonly Result[]): number => median(results.map((result) => result.lastRatio));

const endedMs = (results: readonly Result[]): number => median(results.map((result) => result.endedMs));

test('equal leeches are done sooner where turns follow each other', () => {
  const { oneAfterAnother, allAtOnce } = bothWays('equal', [seeds, { ...leeches, count: 40 }]);
  expect(unfinished([...oneAfterAnother, ...allAtOnce])).toEqual([]);
  expect(lastRatio(oneAfterAnother)).toBeLessThan(lastRatio(allAtOnce) - 0.01);
});

test('where each downlink is slower than the uplink, so many turns are served at once as fill it', () => {
  const slow = { ...leeches, count: 16, down: mebibyte, up: 8192 };
  const { oneAfterAnother, allAtOnce } = bothWays('slow downlinks', [{ ...seeds, up: 8 * mebibyte }, slow], 32, 4 * mebibyte);
  expect(unfinished(oneAfterAnother)).toEqual([]);
  expect(lastRatio(oneAfterAnother)).toBeLessThan(lastRatio(allAtOnce));
});

test('readers that take next to nothing hold nobody back by the age of their turns', () => {
  const stalled = { ...leeches, name: 'stalled', count: 16, down: 500, up: 1, mustFinish: false };
  const { oneAfterAnother, allAtOnce } = bothWays('stalled readers', [seeds, stalled, { ...leeches, count: 8 }]);
  expect(unfinished(oneAfterAnother)).toEqual([]);
  expect(endedMs(oneAfterAnother)).toBeLessThan(1.1 * endedMs(allAtOnce));
});
