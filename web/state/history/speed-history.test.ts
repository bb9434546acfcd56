import { expect, test } from 'vitest';
import { SpeedHistory } from './speed-history.ts';

test('the last snapshot of a second counts, and five minutes are kept', () => {
  const history = new SpeedHistory();
  for (let ms = 0; ms < 1_000_000; ms += 250) history.add(ms, ms, 0);
  const samples = history.samples(false);
  expect(samples).toHaveLength(300);
  expect(samples.at(-1)).toEqual({ at: 999, down: 999_750, up: 0 });
  expect(samples[0]?.at).toBe(700);
});

test('over an hour each point is a mean, and no more than 300 are kept', () => {
  const history = new SpeedHistory();
  for (let second = 0; second < 7200; second++) history.add(second * 1000, second % 2 === 0 ? 100 : 300, 50);
  const samples = history.samples(true);
  expect(samples).toHaveLength(300);
  for (const { down, up } of samples.slice(1)) expect([down, up]).toEqual([200, 50]);
});
