import { expect, test } from 'vitest';
import { median, timesOf, unfinished } from '../report.ts';
import { runs } from '../run.ts';
import { idealCrowd, leeches, mebibyte, seeds } from './scenarios.ts';
import type { Group } from './scenarios.ts';

/** The time of the first of two peers with this strategy over the median of sixteen contributors; a run ends with the last contributor. */
function timeOver(strategic: Partial<Group>): number {
  const own: Group = { ...leeches, name: 'strategic', count: 2, mustFinish: false, ...strategic };
  const results = runs(idealCrowd(16, 96, mebibyte, { name: own.strategy, groups: [seeds, { ...leeches, count: 16 }, own] }), 3);
  expect(unfinished(results)).toEqual([]);
  return median(results.map((result) => Math.min(...timesOf(result, 'strategic')) / median(timesOf(result, 'leech'))));
}

test.each([
  { gain: 'gives a twentieth of what it is asked for', strategy: 'miser', badShare: 0.05 },
  { gain: 'gives to two peers only', strategy: 'favourer', badShare: 0 },
  { gain: 'says that it has everything and gives nothing', strategy: 'boaster', badShare: 0 },
  { gain: 'hides what it has, so as to seem new, and gives nothing', strategy: 'hider', badShare: 0 },
  { gain: 'says that it is not interested, so as to need no turn', strategy: 'uninterested', badShare: 0 },
] as const)('a peer that $gain is done no sooner than contributors', ({ strategy, badShare }) => {
  expect(timeOver({ strategy, badShare })).toBeGreaterThanOrEqual(1);
});

test('one peer under four names that give nothing is done no sooner than contributors', () => {
  expect(timeOver({ strategy: 'freeRider', count: 4 })).toBeGreaterThanOrEqual(1);
});

test.each(['freeRider', 'liar', 'silent'] as const)(
  'four of twenty that take and give nothing, as a %s does, need nearly twice as long as the last contributor',
  (strategy) => {
    const rider: Group = { ...leeches, name: 'rider', count: 4, strategy };
    const results = runs(idealCrowd(16, 128, mebibyte, { name: strategy, groups: [seeds, { ...leeches, count: 16 }, rider] }), 1);
    expect(unfinished(results)).toEqual([]);
    const ratios = results.map((result) => median(timesOf(result, 'rider')) / Math.max(...timesOf(result, 'leech')));
    expect(Math.min(...ratios)).toBeGreaterThan(1.7);
  },
);
