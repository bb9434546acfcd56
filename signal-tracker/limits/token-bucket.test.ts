import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('allows a burst at once, then the rate, and never more than the burst', () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, 0);
  expect([1, 1, 1, 1].map((cost) => bucket.take(0, cost))).toEqual([true, true, true, false]);
  expect([bucket.take(499, 1), bucket.take(500, 1), bucket.take(500, 1)]).toEqual([false, true, false]);
  expect([bucket.take(60_000, 3), bucket.take(60_000, 1)]).toEqual([true, false]);
  expect([bucket.isFull(61_000), bucket.isFull(61_500)]).toEqual([false, true]);
});
