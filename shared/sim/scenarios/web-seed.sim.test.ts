import { expect, test } from 'vitest';
import { run } from '../run.ts';
import { unfinished } from '../report.ts';
import { flashCrowd, leeches, mebibyte, seeds } from './scenarios.ts';

const oneToFive = [1, 2, 3, 4, 5];
const crowd = { pieceCount: 100, webSeedRate: 4 * mebibyte };

test.each([5, 20])('%i leeches with only a web seed finish, and the server sends each byte about once', (count) => {
  const results = oneToFive.map((seed) => run(flashCrowd(count, { ...crowd, groups: [{ ...leeches, count, joinMs: [0, 3000] }] }), seed));
  expect(unfinished(results)).toEqual([]);
  for (const { webSeedFiles } of results) expect(webSeedFiles).toBeLessThanOrEqual(1.3);
});

test('the web seed stays idle when the swarm has a seed', () => {
  const results = oneToFive.map((seed) => run(flashCrowd(8, crowd), seed));
  expect(unfinished(results)).toEqual([]);
  for (const { webSeedFiles } of results) expect(webSeedFiles).toBeLessThan(0.05);
});

test('the web seed supplies the rest when the seed leaves for good', () => {
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
