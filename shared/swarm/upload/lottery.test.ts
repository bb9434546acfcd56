import { expect, test } from 'vitest';
import { seededRandom } from '../../random.ts';
import { drawByWeight } from './lottery.ts';

const random = seededRandom(1);

test('indexes are drawn in proportion to their weights', () => {
  const counts = [0, 0, 0];
  for (let i = 0; i < 6000; i++) {
    const at = drawByWeight([1, 2, 3], random);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  for (const [at, expected] of [1000, 2000, 3000].entries()) expect(Math.abs((counts[at] ?? 0) - expected)).toBeLessThan(150);
});

test('what weighs nothing is not drawn beside what does', () => {
  const drawn = new Set(Array.from({ length: 100 }, () => drawByWeight([0, 1, 0, 1], random)));
  expect(drawn).toEqual(new Set([1, 3]));
});

test('without any weight all are equal, and of nothing nothing is drawn', () => {
  const drawn = new Set(Array.from({ length: 100 }, () => drawByWeight([0, 0, 0], random)));
  expect(drawn).toEqual(new Set([0, 1, 2]));
  expect(drawByWeight([], random)).toBe(-1);
});
