import { expect, test } from 'vitest';
import { interval, quantile, shownInterval } from './statistics.ts';

test('the interval of four values uses t with three degrees of freedom', () => {
  const { mean, halfWidth } = interval([1, 2, 3, 4]);
  expect(mean).toBe(2.5);
  expect(halfWidth).toBeCloseTo((3.182 * Math.sqrt(5 / 3)) / 2, 6);
});

test('a single value has no interval', () => {
  expect(interval([1.5])).toEqual({ mean: 1.5, halfWidth: 0 });
});

test('a quantile is one of the values', () => {
  expect(quantile([5, 1, 4, 2, 3], 0.95)).toBe(5);
  expect(quantile([5, 1, 4, 2, 3], 0.2)).toBe(1);
  expect(quantile([], 0.5)).toBeNaN();
});

test('an interval is shown where there is one', () => {
  expect(shownInterval(interval([1.25]), 2)).toBe('1.25');
  expect(shownInterval(interval([1, 2]), 1)).toBe('1.5 ± 6.4');
});
