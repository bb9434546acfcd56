import { expect, test } from 'vitest';
import { fuzzTracker } from '../testing/fuzz.ts';

// A short run; the bench sends a million frames and more.

test('20,000 random and mutated frames: the tracker survives, and honest clients are introduced throughout', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const report = await fuzzTracker(seed, 20_000).catch((error: unknown) => {
    throw new Error(`seed ${seed}`, { cause: error });
  });
  expect(report).toMatchObject({ frames: 20_000, meetings: 4 });
});
