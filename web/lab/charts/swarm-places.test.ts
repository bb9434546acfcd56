import { expect, test } from 'vitest';
import { places } from './swarm-places.ts';

test.each([
  [1, 360],
  [2, 360],
  [12, 290],
  [30, 360],
  [60, 360],
  [61, 360],
  [500, 360],
])('%i leeches stand inside a box of %i px and apart from each other', (count, width) => {
  const groups = ['seed', ...Array<string>(count).fill('leech')];
  const { points, radius } = places(groups, width, width);
  expect(points).toHaveLength(count + 1);
  expect(points[0]).toEqual([width / 2, width / 2]);
  for (const [x, y] of points) {
    expect(Math.min(x, y) - radius).toBeGreaterThanOrEqual(0);
    expect(Math.max(x, y) + radius).toBeLessThanOrEqual(width);
  }
  const distances = points.flatMap(([x, y], i) => points.slice(i + 1).map((other) => Math.hypot(other[0] - x, other[1] - y)));
  expect(distances.filter((distance) => distance <= 1.5 * radius)).toEqual([]);
});
