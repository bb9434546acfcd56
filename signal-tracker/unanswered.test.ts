import { expect, test } from 'vitest';
import { Unanswered } from './unanswered.ts';

test('an offer is answered once, in time, and under the id of who made it', () => {
  const unanswered = new Unanswered();
  unanswered.add('ann', 'o', 10);
  expect(unanswered.take('bob', 'o', 0)).toBe(false);
  expect(unanswered.take('ann', 'p', 0)).toBe(false);
  expect(unanswered.take('ann', 'o', 10)).toBe(true);
  expect(unanswered.take('ann', 'o', 10)).toBe(false);
  unanswered.add('ann', 'late', 10);
  expect(unanswered.take('ann', 'late', 11)).toBe(false);
});

test('one that was relayed twice is answered once too', () => {
  const unanswered = new Unanswered();
  unanswered.add('ann', 'o', 10);
  unanswered.add('ann', 'o', 20);
  expect(unanswered.take('ann', 'o', 15)).toBe(true);
  expect(unanswered.take('ann', 'o', 15)).toBe(false);
});

test('the last 64 are remembered', () => {
  const unanswered = new Unanswered();
  for (let offer = 0; offer < 65; offer++) unanswered.add('ann', `o${offer}`, 10);
  expect([0, 1, 64].map((offer) => unanswered.take('ann', `o${offer}`, 0))).toEqual([false, true, true]);
});
