import { expect, test } from 'vitest';
import { interval } from './statistics.ts';

test('the interval of four values uses t with three degrees of freedom', () => {
  const { mean, halfWidth } = interval([1, 2, 3, 4]);
  expect(mean).toBe(2.5);
  expect(halfWidth).toBeCloseTo((3.182 * Math.sqrt(5 / 3)) / 2, 6);
});

test('a single value has no interval', () => {
  expect(interval([1.5])).toEqual({ mean: 1.5, halfWidth: 0 });
});
