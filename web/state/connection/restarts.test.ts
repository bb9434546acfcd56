import { expect, test } from 'vitest';
import { Restarts } from './restarts.ts';

test('a Worker that dies again and again is started three times, with growing pauses', () => {
  const restarts = new Restarts();
  expect([0, 1000, 6000, 30_000, 31_000].map((now) => restarts.nextPauseMs(now))).toEqual([500, 4_000, 16_000, null, null]);
});

test('a Worker that lived for ten minutes is started again as if it were the first time', () => {
  const restarts = new Restarts();
  expect([0, 1000, 700_000].map((now) => restarts.nextPauseMs(now))).toEqual([500, 4_000, 500]);
});
