import { expect, test } from 'vitest';
import { runs, story } from './runs.ts';
import { churn, flashCrowd, leeches, seedLeaves, seedReturns, seeds } from './scenarios.ts';
import { defaultTracker } from './tracker.ts';

test('the seed may leave for good once 1.05 copies are among the leeches', () => {
  for (const result of runs(seedLeaves(6, 1.05), 20)) expect(result.everyoneDone, story(result)).toBe(true);
});

test('the seed dies without a word at half and returns a minute later: everyone finishes', () => {
  for (const result of runs(seedReturns(3), 20)) expect(result.everyoneDone, story(result)).toBe(true);
});

test('leeches stall and say why while a piece is nowhere', () => {
  const departure = { when: { kind: 'swarmProgress', share: 0.4 }, suddenly: false, returnsAfterMs: null } as const;
  const scenario = flashCrowd(3, { name: 'seed gone for good', groups: [{ ...seeds, departure }, { ...leeches, count: 3 }], deadlineMs: 60_000 });
  for (const result of runs(scenario, 5)) {
    expect(result.everyoneDone, story(result)).toBe(false);
    // What one leech has, every leech gets.
    expect(new Set(result.peers.filter(({ group }) => group === 'leech').map(({ storedPieces }) => storedPieces)).size, story(result)).toBe(1);
  }
});

test('late comers, sudden deaths and returns: everyone who stays finishes', () => {
  for (const result of runs(churn(4), 20)) expect(result.everyoneDone, story(result)).toBe(true);
});

test('the tracker is gone when half of the peers come: they finish soon after its return', () => {
  const late = { ...leeches, name: 'late', count: 3, joinMs: [3000, 5000] as const };
  const scenario = flashCrowd(3, {
    name: 'tracker outage',
    groups: [seeds, { ...leeches, count: 3 }, late],
    tracker: { ...defaultTracker, outages: [[2000, 40_000]] },
  });
  for (const result of runs(scenario, 10)) {
    expect(result.everyoneDone, story(result)).toBe(true);
    expect(result.endedMs, story(result)).toBeLessThan(60_000);
  }
});
