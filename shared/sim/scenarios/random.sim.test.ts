import { expect, test } from 'vitest';
import type { Result } from '../report.ts';
import { peerFailures, unfinished } from '../report.ts';
import { run } from '../run.ts';
import { randomScenario, scenarioSizeNames } from './random.ts';
import { mostSpoiledBy } from './strategies.ts';

const fixedSeeds = Array.from({ length: 100 }, (_, i) => i + 1);

/** A hundred new seeds in every run; `SIM_SEED=123` replays that seed alone. */
const { SIM_SEED: replayed } = process.env;
const firstNew = Math.floor(Math.random() * 2 ** 30);
const newSeeds = replayed === undefined ? Array.from({ length: 100 }, (_, i) => firstNew + i) : [Number(replayed)];

const harmless = /^(seed|leech|slowHonest|staller|lossy|rejecter)/;

/** Nobody bans harmless peers, and hostile ones spoil few pieces. */
function wrongPeers(result: Result): string[] {
  const spoilable = mostSpoiledBy(result.peers.map(({ strategy }) => strategy));
  return peerFailures(
    [result],
    ({ isHonest, banned, failedPieces }) => !isHonest || (banned.every((name) => !harmless.test(name)) && failedPieces <= spoilable),
  );
}

test.each([
  ['100 random scenarios', fixedSeeds],
  [`random scenarios with new seeds from ${newSeeds[0]}`, newSeeds],
])(
  '%s: every peer that stays finishes, and no honest peer is banned',
  (_, seeds) => {
    process.stdout.write(`random scenarios ${seeds[0]} to ${seeds.at(-1)}\n`);
    const results = seeds.map((seed) => run(randomScenario(seed), seed));
    expect(unfinished(results)).toEqual([]);
    expect(results.flatMap(wrongPeers)).toEqual([]);
  },
  300_000,
);

test.each(scenarioSizeNames)('a random scenario may be %s: every peer that stays finishes', (size) => {
  expect(unfinished(fixedSeeds.slice(0, 5).map((seed) => run(randomScenario(seed, size), seed)))).toEqual([]);
});

test.each([
  [1_051_538_934, 'a peer that comes back looks past links that carry nothing'],
  [1_060_867_025, 'whole copies of two failed pieces do not wait for each other for ever'],
  [1_985_529_207, 'whole copies of two failed pieces do not wait for each other for ever'],
  [547_637_913, 'peers that ask for single bytes do not keep the slots of a seed for ever'],
  [700_000_311, 'full queues hold their senders back, so a flood does not hold up what comes after it for minutes'],
  [700_002_336, 'full queues hold their senders back, so a flood does not hold up what comes after it for minutes'],
])('seed %d, which never finished: %s', (seed) => {
  expect(unfinished([run(randomScenario(seed), seed)])).toEqual([]);
});

test.each([
  [800_004_916, 'pieces that wait for each other are not verified one after the other: one liar spoiled five of sixteen'],
  [811_513, 'a rejecter rejects requests, not what it pushes: it was banned'],
])('seed %d: %s', (seed) => {
  expect(wrongPeers(run(randomScenario(seed), seed))).toEqual([]);
});
