import { expect, test } from 'vitest';
import { evenFractions, mapShape, tileFractions, tileShade } from './piece-map.ts';

test('the number of tiles does not depend on the number of bins', () => {
  expect([...tileFractions(Uint8Array.of(255, 0), 4)]).toEqual([1, 1, 0, 0]);
  expect([...tileFractions(Uint8Array.of(255, 255, 0, 0, 255, 255), 3)]).toEqual([1, 0, 1]);
  expect([...tileFractions(Uint8Array.of(255, 0, 0), 2)].map((fraction) => Math.round(fraction * 3))).toEqual([2, 0]);
});

test('a tile is full only if all of its pieces are verified', () => {
  const bins = new Uint8Array(512).fill(255);
  bins[100] = 254;
  const fractions = tileFractions(bins, 330);
  expect(fractions.filter((fraction) => fraction < 1).length).toBeGreaterThan(0);
  expect(fractions.filter((fraction) => fraction < 1).length).toBeLessThanOrEqual(2);
});

test('the map fills from the left if only the total fraction is known', () => {
  expect([...evenFractions(0.5, 4)]).toEqual([1, 1, 0, 0]);
  expect([...evenFractions(0.375, 4)]).toEqual([1, 0.5, 0, 0]);
});

test('the map fits any width', () => {
  expect(mapShape(100, 3, 8, 2).columns).toBe(10);
  expect(mapShape(0, 3, 8, 2).columns).toBe(1);
});

test('tiles differ by at most 14 % in opacity, and a tile always looks the same', () => {
  for (let tile = 0; tile < 1000; tile++) expect(tileShade(tile)).toBeGreaterThanOrEqual(0.86);
  expect(tileShade(7)).toBe(tileShade(7));
});
