import { expect, test } from 'vitest';
import { unfinished } from '../report.ts';
import { run, runs } from '../run.ts';
import { flashCrowd, idealCrowd, leeches, mebibyte, seeds } from './scenarios.ts';

const limit = 200_000;

/** All of it, in seconds at the limit. */
const secondsAtLimit = (bytes: number): number => bytes / limit;

test('a seed with a limit uploads at that rate to 5 %, to all leeches alike', () => {
  const freeRiders = { ...leeches, count: 4, strategy: 'freeRider' as const };
  const scenario = idealCrowd(4, 16, 4 * mebibyte, { groups: [{ ...seeds, up: 4 * mebibyte, limitUp: limit }, freeRiders] });
  const { endedMs, peers } = run(scenario, 1);
  const sent = peers[0]!.upBytes;
  expect(endedMs / 1000 / secondsAtLimit(sent)).toBeGreaterThan(0.95);
  expect(endedMs / 1000 / secondsAtLimit(sent)).toBeLessThan(1.1);
  const took = peers.slice(1).map(({ tookMs }) => tookMs!);
  expect(Math.min(...took)).toBeGreaterThan(0.85 * Math.max(...took));
});

test('a leech with a limit downloads at that rate to 5 %, from several seeds and from a web seed', () => {
  const scenario = idealCrowd(1, 16, mebibyte, {
    groups: [
      { ...seeds, count: 3 },
      { ...leeches, limitDown: limit },
    ],
  });
  const bytes = 16 * 256 * 1024;
  expect(run(scenario, 1).endedMs / 1000 / secondsAtLimit(bytes)).toBeCloseTo(1, 1);
  const alone = { ...scenario, groups: [{ ...leeches, limitDown: limit }], webSeedRate: 10 * mebibyte };
  // It waits 3 s for peers first.
  expect(run(alone, 1).endedMs / 1000 - 3).toBeGreaterThan(0.85 * secondsAtLimit(bytes));
});

test('everyone of a swarm with limits finishes, and nothing is asked for twice because it is slow', () => {
  const results = runs(
    flashCrowd(6, {
      groups: [
        { ...seeds, limitUp: 40_000 },
        { ...leeches, count: 6, limitDown: 60_000, limitUp: 30_000 },
      ],
    }),
    5,
  );
  expect(unfinished(results)).toEqual([]);
  for (const { wastedShare } of results) expect(wastedShare).toBeLessThan(0.25);
});
