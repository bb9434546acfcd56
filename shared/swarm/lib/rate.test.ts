import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rate } from './rate.ts';

test('a steady stream shows its speed from the start', () => {
  const rate = new Rate(20);
  const read: number[] = [];
  for (let ms = 0; ms < 60_000; ms += 100) {
    rate.add(ms, 1000);
    read.push(rate.perSecond(ms));
  }
  const settled = read.slice(20);
  expect(Math.min(...settled)).toBeGreaterThan(9000);
  expect(Math.max(...settled)).toBeLessThan(11_000);
});

test('bytes older than the window do not count, also after hours of sleep', () => {
  const rate = new Rate(20);
  rate.add(0, 1_000_000);
  expect(rate.perSecond(19_000)).toBeGreaterThan(0);
  expect(rate.perSecond(21_000)).toBe(0);
  rate.add(8 * 3_600_000, 20_000);
  expect(rate.perSecond(8 * 3_600_000 + 1000)).toBe(20_000);
});

test('the shown speed is zero once nothing came for three seconds', () => {
  const rate = new Rate(5);
  rate.add(0, 1_000_000);
  expect(rate.shown(2900)).toBe(rate.perSecond(2900));
  expect(rate.shown(3100)).toBe(0);
  expect(rate.perSecond(3100)).toBeGreaterThan(0);
  rate.add(4000, 1_000_000);
  expect(rate.shown(4000)).toBeGreaterThan(0);
});

test('a rate is never negative and never more than all bytes in half a second', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(30_000), fc.nat(100_000)), { maxLength: 50 }), (steps) => {
      const rate = new Rate(3);
      let now = 0;
      for (const [wait, bytes] of steps) {
        now += wait;
        rate.add(now, bytes);
        expect(rate.perSecond(now)).toBeGreaterThanOrEqual(0);
        expect(rate.perSecond(now)).toBeLessThanOrEqual(2 * rate.total);
      }
    }),
  );
});
