import { expect, test } from 'vitest';
import { PendingOffers } from './pending-offers.ts';

test('an offer is answered once, in time, and under the id of the peer that made it', () => {
  const unanswered = new PendingOffers();
  unanswered.add('ann', 'o', 0, 10);
  expect(unanswered.take('bob', 'o', 0)).toBe(false);
  expect(unanswered.take('ann', 'p', 0)).toBe(false);
  expect(unanswered.take('ann', 'o', 10)).toBe(true);
  expect(unanswered.take('ann', 'o', 10)).toBe(false);
  unanswered.add('ann', 'late', 0, 10);
  expect(unanswered.take('ann', 'late', 11)).toBe(false);
});

test('an offer that was relayed twice is answered once', () => {
  const unanswered = new PendingOffers();
  unanswered.add('ann', 'o', 0, 10);
  unanswered.add('ann', 'o', 0, 20);
  expect(unanswered.take('ann', 'o', 15)).toBe(true);
  expect(unanswered.take('ann', 'o', 15)).toBe(false);
});

test('the last 64 are remembered', () => {
  const unanswered = new PendingOffers();
  for (let offer = 0; offer < 65; offer++) unanswered.add('ann', `o${offer}`, 0, 10);
  expect([0, 1, 64].map((offer) => unanswered.take('ann', `o${offer}`, 0))).toEqual([false, true, true]);
});

test('it grows only to the offers that were answerable at once; entries of answered and expired offers are reused, the oldest first', () => {
  const unanswered = new PendingOffers();
  for (let at = 0; at < 1000; at++) unanswered.add('ann', `o${at}`, at, at + 4);
  expect(unanswered.size).toBe(5);
  expect([994, 995, 999].map((offer) => unanswered.take('ann', `o${offer}`, 999))).toEqual([false, true, true]);
  unanswered.add('ann', 'in the place of the answered one', 999, 1003);
  expect(unanswered.size).toBe(5);
  unanswered.add('ann', 'in a new one', 999, 1003);
  expect(unanswered.size).toBe(6);
  const kept = ['o996', 'o997', 'o998', 'in the place of the answered one', 'in a new one'];
  expect(kept.filter((offerId) => !unanswered.take('ann', offerId, 999))).toEqual([]);
});
