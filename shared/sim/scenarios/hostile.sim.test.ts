import { expect, test } from 'vitest';
import { failures, median, peerFailures, timesOf, unfinished } from '../report.ts';
import { runs } from '../run.ts';
import { freeRiders, hostile } from './scenarios.ts';

test.each([1, 0.3, 0.05])(
  'a fifth of the peers corrupt a share of %d of their blocks: no leech loses more than two pieces to each',
  (badShare) => {
    const results = runs(hostile('poisoner', 2, 8, { badShare }), 20);
    expect(unfinished(results)).toEqual([]);
    expect(peerFailures(results, ({ failedPieces }) => failedPieces <= 2 * 2)).toEqual([]);
  },
);

test('every peer that lost a piece to the only poisoner bans it, and bans nobody else', () => {
  const results = runs(hostile('poisoner', 1, 5), 20);
  expect(unfinished(results)).toEqual([]);
  expect(peerFailures(results, ({ banned, failedPieces }) => banned.join() === (failedPieces > 0 ? 'poisoner 0' : ''))).toEqual([]);
  expect(failures(results, ({ failedPieces }) => failedPieces > 0)).toEqual([]);
});

test.each(['liar', 'silent'] as const)('everyone finishes despite peers with the strategy %s', (strategy) => {
  const results = runs(hostile(strategy, 2, 6), 20);
  expect(unfinished(results)).toEqual([]);
  expect(peerFailures(results, ({ failedPieces }) => failedPieces === 0)).toEqual([]);
});

test('free riders are slower than contributors when slots are scarce', () => {
  const results = runs({ ...freeRiders(4, 16, 64), swarm: { uploadSlots: 4, optimisticSlots: 1 } }, 5);
  expect(unfinished(results)).toEqual([]);
  expect(failures(results, (result) => median(timesOf(result, 'rider')) > 1.15 * median(timesOf(result, 'leech')))).toEqual([]);
});
