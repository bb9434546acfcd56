import { expect, test } from 'vitest';
import { anyScenario } from './random.ts';
import { peerFailures, unfinished } from '../report.ts';
import { run } from '../run.ts';

const seedCount = 60;

test(`${seedCount} scenarios drawn by lot: everyone who stays finishes, and no honest peer is banned`, () => {
  const results = Array.from({ length: seedCount }, (_, i) => run(anyScenario(i + 1), i + 1));
  expect(unfinished(results)).toEqual([]);
  expect(peerFailures(results, ({ isHonest, banned }) => !isHonest || banned.every((name) => name.startsWith('poisoner')))).toEqual([]);
});
