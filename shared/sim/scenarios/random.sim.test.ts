import { expect, test } from 'vitest';
import { peerFailures, unfinished } from '../report.ts';
import { run } from '../run.ts';
import { randomScenario } from './random.ts';

/** `SIM_SEED=123` replays that seed alone. */
const { SIM_SEED: replayed } = process.env;
const seeds = replayed === undefined ? Array.from({ length: 60 }, (_, i) => i + 1) : [Number(replayed)];

test(`${seeds.length} random scenarios: every peer that stays finishes, and no honest peer is banned`, () => {
  const results = seeds.map((seed) => run(randomScenario(seed), seed));
  expect(unfinished(results)).toEqual([]);
  expect(peerFailures(results, ({ isHonest, banned }) => !isHonest || banned.every((name) => name.startsWith('poisoner')))).toEqual([]);
});
