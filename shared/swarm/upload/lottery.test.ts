import { expect, test } from 'vitest';
import { seededRandom } from '../../random.ts';
import { drawByWeight } from './lottery.ts';

const random = seededRandom(1);

test('items are drawn in proportion to their weights', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    for (const item of drawByWeight(['a', 'b', 'c'], (name) => ({ a: 1, b: 2, c: 3 })[name] ?? 0, 1, random)) {
      counts.set(item, (counts.get(item) ?? 0) + 1);
    }
  }
  for (const [item, expected] of [
    ['a', 1000],
    ['b', 2000],
    ['c', 3000],
  ] as const) {
    expect(Math.abs((counts.get(item) ?? 0) - expected)).toBeLessThan(150);
  }
});

test('nobody is drawn twice, and no more than there are', () => {
  expect(new Set(drawByWeight([1, 2, 3], () => 1, 5, random))).toEqual(new Set([1, 2, 3]));
  expect(drawByWeight([1, 2, 3], () => 1, 5, random)).toHaveLength(3);
  expect(drawByWeight([], () => 1, 1, random)).toEqual([]);
});

test('without any weight all are equal', () => {
  const drawn = new Set(Array.from({ length: 100 }, () => drawByWeight([1, 2, 3], () => 0, 1, random)[0]));
  expect(drawn.size).toBe(3);
});
