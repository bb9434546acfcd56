import { expect, test } from 'vitest';
import { lineWidth, ownNamePlace, placesOf } from './people-graph.ts';

test('people stand around the middle, the first at the top, and each line ends before the circles', () => {
  const [top, bottom] = placesOf(2, 100, 60);
  expect(top).toMatchObject({ x: 100, y: 40 });
  expect(bottom?.y).toBeCloseTo(160);
  expect(top?.farY).toBeGreaterThan(40);
  expect(top?.nearY).toBeLessThan(100);
  expect(placesOf(0, 100, 60)).toEqual([]);
});

test('no two of sixteen people are in the same place', () => {
  const places = placesOf(16, 160, 106);
  expect(new Set(places.map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`)).size).toBe(16);
});

test('one’s own name stands between two lines', () => {
  for (const count of [1, 2, 3, 7, 16]) {
    const { x, y } = ownNamePlace(count, 160);
    const turn = (toX: number, toY: number): number => Math.atan2(toY - 160, toX - 160);
    const between = placesOf(count, 160, 106).map((place) => Math.abs(Math.cos((turn(place.x, place.y) - turn(x, y - 4)) / 2)));
    expect(Math.max(...between)).toBeCloseTo(Math.cos(Math.PI / count / 2));
  }
});

test('a faster line is wider, within bounds', () => {
  expect(lineWidth(1)).toBe(1.5);
  expect(lineWidth(10_000)).toBeCloseTo(2.5);
  expect(lineWidth(1e12)).toBe(6);
});
