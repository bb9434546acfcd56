import { expect, test } from 'vitest';
import { grain, mapShape, plainShares, tileShares } from './piece-map.ts';

test('tiles and bins need not be as many', () => {
  expect([...tileShares(Uint8Array.of(255, 0), 4)]).toEqual([1, 1, 0, 0]);
  expect([...tileShares(Uint8Array.of(255, 255, 0, 0, 255, 255), 3)]).toEqual([1, 0, 1]);
  expect([...tileShares(Uint8Array.of(255, 0, 0), 2)].map((share) => Math.round(share * 3))).toEqual([2, 0]);
});

test('a tile is full only where all of its pieces are here', () => {
  const bins = new Uint8Array(512).fill(255);
  bins[100] = 254;
  const shares = tileShares(bins, 330);
  expect(shares.filter((share) => share < 1).length).toBeGreaterThan(0);
  expect(shares.filter((share) => share < 1).length).toBeLessThanOrEqual(2);
});

test('where only the share is known, the map fills from the left', () => {
  expect([...plainShares(0.5, 4)]).toEqual([1, 1, 0, 0]);
  expect([...plainShares(0.375, 4)]).toEqual([1, 0.5, 0, 0]);
});

test('the map fits its width, however small', () => {
  expect(mapShape(100, 3, 8, 2).columns).toBe(10);
  expect(mapShape(0, 3, 8, 2).columns).toBe(1);
});

test('the grain stays faint', () => {
  for (let tile = 0; tile < 1000; tile++) expect(grain(tile)).toBeGreaterThanOrEqual(0.86);
  expect(grain(7)).toBe(grain(7));
});
