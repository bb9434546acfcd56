import { expect, test } from 'vitest';
import { seededRandom } from '../random.ts';
import { Backoff } from './backoff.ts';

/** Moments at which a connection is tried in an outage from 0 on. */
function attempts(seed: number, untilMs: number): number[] {
  const backoff = new Backoff(seededRandom(seed));
  const at: number[] = [];
  for (let now = 0; now < untilMs; at.push(now)) now += backoff.failed(now);
  return at;
}

test('pauses are 1–30 s', () => {
  const at = attempts(1, 3_600_000);
  const pauses = at.slice(1).map((moment, i) => moment - at[i]!);
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1000);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
  expect(Math.max(...pauses)).toBeGreaterThan(20_000);
});

test('in the first minutes of an outage there is an attempt in every 10 s', () => {
  for (let seed = 0; seed < 50; seed++) {
    const at = [0, ...attempts(seed, 180_000)];
    for (const [i, moment] of at.slice(1).entries()) expect(moment - at[i]!).toBeLessThanOrEqual(10_000);
  }
});

test('two tabs do not return in the same moment', () => {
  expect(attempts(1, 60_000)[0]).not.toBe(attempts(2, 60_000)[0]);
});

test('after a success the first pause is short again', () => {
  const backoff = new Backoff(seededRandom(1));
  for (let i = 0; i < 20; i++) backoff.failed(i * 10_000);
  backoff.reset();
  expect(backoff.failed(500_000)).toBeLessThanOrEqual(2000);
});
