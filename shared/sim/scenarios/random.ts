import { seededRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { browserTransport } from '../network/mesh.ts';
import { leeches, mebibyte, seeds } from './scenarios.ts';
import type { Departure, Group, Scenario } from './scenarios.ts';
import { defaultTracker } from '../network/tracker.ts';

/**
 * A small random scenario, to find cases that nobody thought of: sizes, rates, slots, few links, magnets, churn and hostile peers in
 * any mix. One honest seed never leaves, so every peer that stays must finish.
 */
export function randomScenario(seed: number): Scenario {
  const random = seededRandom(seed);
  const pieceBytes = 16_384 << random.below(5);
  const slots = 1 + random.below(8);
  return {
    name: `random ${seed}`,
    pieceCount: 1 + random.below(40),
    pieceBytes,
    lastPieceBytes: 1 + random.below(pieceBytes),
    groups: [
      { ...seeds, up: rate(random) },
      ...Array.from({ length: 1 + random.below(4) }, (_, i) => leechGroup(random, i)),
      ...hostilePeers(random),
    ],
    transport: {
      ...browserTransport,
      delayMs: [0, random.below(300)],
      setupMs: [0, random.below(3000)],
      flowBytesPerSecond: random.below(3) === 0 ? rate(random) : Infinity,
      // With fewer links, part of the swarm could be cut off from the seed.
      targetLinks: 8 + random.below(20),
    },
    tracker: { ...defaultTracker, numwant: 5 + random.below(16), outages: random.below(4) === 0 ? [[3000, 30_000]] : [] },
    swarm: { uploadSlots: slots + 1, optimisticSlots: 1 + random.below(slots) },
    asBytes: random.below(8) === 0,
    checked: true,
    deadlineMs: 3_600_000,
  };
}

/** 64 KiB/s to 4 MiB/s. */
function rate(random: Random): number {
  return mebibyte * 2 ** (random.below(7) - 4);
}

function leechGroup(random: Random, index: number): Group {
  const up = rate(random);
  const leaves = random.below(3) === 0;
  const returns = leaves && random.below(2) === 0;
  return {
    ...leeches,
    name: `leech ${index}`,
    count: 1 + random.below(4),
    up,
    down: random.below(2) === 0 ? Infinity : up * (1 + random.below(4)),
    byMagnet: random.below(3) === 0,
    joinMs: [0, random.below(20_000)],
    verifyMs: random.below(200),
    mustFinish: !leaves || returns,
    departure: leaves ? departure(random, returns) : null,
  };
}

function departure(random: Random, returns: boolean): Departure {
  return {
    when: { kind: 'progress', share: random.below(100) / 100 },
    suddenly: random.below(2) === 0,
    returnsAfterMs: returns ? 1000 + random.below(30_000) : null,
  };
}

function hostilePeers(random: Random): Group[] {
  const strategy = (['poisoner', 'liar', 'silent', 'freeRider'] as const)[random.below(8)];
  if (strategy === undefined) return [];
  const isSeed = strategy !== 'freeRider';
  return [
    { ...leeches, name: strategy, strategy, isSeed, mustFinish: false, count: 1 + random.below(2), badShare: (1 + random.below(10)) / 10 },
  ];
}
