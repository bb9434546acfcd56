import { expect, test } from 'vitest';
import { failures, median, peerFailures, runs, timesOf, unfinished } from '../report.ts';
import { freeRiders, hostile } from './scenarios.ts';

/** The world knows a bad block from an honest one, and checkers compare what a torrent announces and counts with what is honest. */
test.each([1, 0.3, 0.05])('a fifth of the peers poison %d of their blocks: no leech loses more than two pieces to each', (badShare) => {
  const results = runs(hostile('poisoner', 2, 8, { badShare }), 20);
  expect(unfinished(results)).toEqual([]);
  expect(peerFailures(results, ({ failedPieces }) => failedPieces <= 2 * 2)).toEqual([]);
});

test('one poisoner is banned by whoever lost a piece to it, and nobody else is', () => {
  const results = runs(hostile('poisoner', 1, 5), 20);
  expect(unfinished(results)).toEqual([]);
  expect(peerFailures(results, ({ banned, failedPieces }) => banned.join() === (failedPieces > 0 ? 'poisoner 0' : ''))).toEqual([]);
  expect(failures(results, ({ failedPieces }) => failedPieces > 0)).toEqual([]);
});

test.each(['liar', 'silent'] as const)('everyone finishes among peers that are %s', (strategy) => {
  const results = runs(hostile(strategy, 2, 6), 20);
  expect(unfinished(results)).toEqual([]);
  expect(peerFailures(results, ({ failedPieces }) => failedPieces === 0)).toEqual([]);
});

test('free riders are slower than contributors where slots are scarce', () => {
  const results = runs({ ...freeRiders(4, 16, 64), swarm: { uploadSlots: 4, optimisticSlots: 1 } }, 5);
  expect(unfinished(results)).toEqual([]);
  expect(failures(results, (result) => median(timesOf(result, 'rider')) > 1.15 * median(timesOf(result, 'leech')))).toEqual([]);
});
