import { expect, test } from 'vitest';
import type { PeerResult, Result } from '../report.ts';
import { peerFailures, unfinished } from '../report.ts';
import { run } from '../run.ts';
import { randomScenario } from './random.ts';
import { isCorrupting } from './strategies.ts';

const fixedSeeds = Array.from({ length: 100 }, (_, i) => i + 1);

/** A hundred new seeds in every run; `SIM_SEED=123` replays that seed alone. */
const { SIM_SEED: replayed } = process.env;
const firstNew = Math.floor(Math.random() * 2 ** 30);
const newSeeds = replayed === undefined ? Array.from({ length: 100 }, (_, i) => firstNew + i) : [Number(replayed)];

/** The peers that corrupt blocks may be banned, and spoil at most two pieces each. */
function isAsItShould({ isHonest, banned, failedPieces }: PeerResult, corrupting: ReadonlySet<string>): boolean {
  return !isHonest || (banned.every((name) => !harmless.test(name)) && failedPieces <= 2 * corrupting.size);
}

const harmless = /^(seed|leech|slowHonest|staller|rejecter)/;

function corruptingPeers({ peers }: Result): ReadonlySet<string> {
  return new Set(peers.filter(({ strategy }) => isCorrupting(strategy)).map(({ name }) => name));
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
    const wrong = results.flatMap((result) => peerFailures([result], (peer) => isAsItShould(peer, corruptingPeers(result))));
    expect(wrong).toEqual([]);
  },
  300_000,
);
