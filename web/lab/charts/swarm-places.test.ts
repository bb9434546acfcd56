import { expect, test } from 'vitest';
import { places } from './swarm-places.ts';

test.each([1, 2, 30, 60, 61, 500])('%i leeches stand inside the box and apart from each other', (count) => {
  const groups = ['seed', ...Array<string>(count).fill('leech')];
  const { points, radius } = places(groups, 360, 360);
  expect(points).toHaveLength(count + 1);
  expect(points[0]).toEqual([180, 180]);
  for (const [x, y] of points) {
    expect(Math.min(x, y) - radius).toBeGreaterThanOrEqual(0);
    expect(Math.max(x, y) + radius).toBeLessThanOrEqual(360);
  }
  const distances = points.flatMap(([x, y], i) => points.slice(i + 1).map((other) => Math.hypot(other[0] - x, other[1] - y)));
  expect(distances.filter((distance) => distance <= 1.5 * radius)).toEqual([]);
});
