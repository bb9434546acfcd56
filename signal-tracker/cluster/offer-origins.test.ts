import { expect, test } from 'vitest';
import { OfferOrigins } from './offer-origins.ts';
import { answerableMs } from '../swarms/memory-store.ts';

const origin = { node: 'n', serial: 7 };

test('the origin of an offer is known for 120 s and one answer', () => {
  const origins = new OfferOrigins();
  for (const key of ['a', 'b', 'c']) origins.remember(key, origin, key === 'c' ? 1 : 0);
  expect([origins.take('a'), origins.take('a')]).toMatchObject([origin, null]);
  origins.expire(answerableMs - 1);
  expect(origins.size).toBe(2);
  origins.expire(answerableMs);
  expect([origins.take('b'), origins.take('c')]).toMatchObject([null, origin]);
});

test('an offer that is relayed again lives from then on', () => {
  const origins = new OfferOrigins();
  origins.remember('a', origin, 0);
  origins.remember('b', origin, 1);
  origins.remember('a', { ...origin, serial: 8 }, 2);
  origins.expire(answerableMs + 1);
  expect([origins.size, origins.take('a')]).toMatchObject([1, { serial: 8 }]);
});
