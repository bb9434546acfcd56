import { expect, test } from 'vitest';
import { failures, unfinished } from '../report.ts';
import type { Result } from '../report.ts';
import { runs } from '../run.ts';
import { churn, flashCrowd, leeches, seedLeaves, seedReturns, seeds } from './scenarios.ts';
import { defaultTracker } from '../network/tracker.ts';

test('the seed may leave for good once the leeches have 1.05 copies', () => {
  expect(unfinished(runs(seedLeaves(6, 1.05), 20))).toEqual([]);
});

test('everyone finishes when the seed dies suddenly at half and returns a minute later', () => {
  expect(unfinished(runs(seedReturns(3), 20))).toEqual([]);
});

test('when the seed leaves for good at 40 %, the leeches share all they have', () => {
  const departure = { when: { kind: 'swarmProgress', share: 0.4 }, suddenly: false, returnsAfterMs: null } as const;
  const scenario = flashCrowd(3, {
    name: 'seed gone for good',
    groups: [
      { ...seeds, departure },
      { ...leeches, count: 3 },
    ],
    deadlineMs: 60_000,
  });
  const leechPieces = ({ peers }: Result): number[] =>
    peers.filter(({ group }) => group === 'leech').map(({ storedPieces }) => storedPieces);
  const results = runs(scenario, 20);
  expect(failures(results, (result) => new Set(leechPieces(result)).size === 1)).toEqual([]);
  expect(failures(results, ({ everyoneDone, endedMs }) => everyoneDone || endedMs >= 60_000)).toEqual([]);
});

test('everyone who stays finishes despite late joins, sudden deaths and returns', () => {
  expect(unfinished(runs(churn(4), 20))).toEqual([]);
});

test('peers that join during a tracker outage finish soon after it ends', () => {
  const late = { ...leeches, name: 'late', count: 3, joinMs: [3000, 5000] as const };
  const scenario = flashCrowd(3, {
    name: 'tracker outage',
    groups: [seeds, { ...leeches, count: 3 }, late],
    tracker: { ...defaultTracker, outages: [[2000, 40_000]] },
  });
  const results = runs(scenario, 10);
  expect(unfinished(results)).toEqual([]);
  expect(failures(results, ({ endedMs }) => endedMs > 40_000 && endedMs < 60_000)).toEqual([]);
});
