import { expect, test } from 'vitest';
import { run } from '../run.ts';
import { unfinished } from '../report.ts';
import { flashCrowd, leeches, mebibyte, seeds } from './scenarios.ts';

const oneToFive = [1, 2, 3, 4, 5];
const crowd = { pieceCount: 100, webSeedRate: 4 * mebibyte };

test.each([5, 20])('%i leeches and a web seed alone: all finish, and each byte leaves the server about once', (count) => {
  const results = oneToFive.map((seed) => run(flashCrowd(count, { ...crowd, groups: [{ ...leeches, count, joinMs: [0, 3000] }] }), seed));
  expect(unfinished(results)).toEqual([]);
  for (const { webSeedFiles } of results) expect(webSeedFiles).toBeLessThanOrEqual(1.3);
});

test('with a seed in the swarm the web seed has nothing to do', () => {
  const results = oneToFive.map((seed) => run(flashCrowd(8, crowd), seed));
  expect(unfinished(results)).toEqual([]);
  for (const { webSeedFiles } of results) expect(webSeedFiles).toBeLessThan(0.05);
});

test('the seed leaves for good: the web seed gives the rest', () => {
  const departure = { when: { kind: 'swarmProgress', share: 0.3 }, suddenly: true, returnsAfterMs: null } as const;
  const results = oneToFive.map((seed) =>
    run(
      flashCrowd(8, {
        ...crowd,
        groups: [
          { ...seeds, departure },
          { ...leeches, count: 8 },
        ],
      }),
      seed,
    ),
  );
  expect(unfinished(results)).toEqual([]);
  for (const { webSeedFiles } of results) expect(webSeedFiles).toBeLessThan(1);
});
