import { itemAt } from '../../assert.ts';
import { seededRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { browserTransport } from '../network/mesh.ts';
import { leeches, mebibyte, seeds } from './scenarios.ts';
import type { Departure, Group, Scenario } from './scenarios.ts';
import type { StrategyName } from './strategies.ts';
import { defaultTracker } from '../network/tracker.ts';

/** Every strategy that differs from `honest`, with the number of peers that share it at most. */
const deviations: readonly { readonly strategy: StrategyName; readonly most: number }[] = [
  { strategy: 'poisoner', most: 2 },
  { strategy: 'impostor', most: 2 },
  { strategy: 'rejecter', most: 2 },
  { strategy: 'twoFaced', most: 2 },
  { strategy: 'sizeLiar', most: 2 },
  { strategy: 'liar', most: 2 },
  { strategy: 'silent', most: 2 },
  { strategy: 'freeRider', most: 2 },
  { strategy: 'idleInterested', most: 12 },
  { strategy: 'oneByteAsker', most: 2 },
  { strategy: 'haveToggler', most: 2 },
  { strategy: 'slowHonest', most: 3 },
  { strategy: 'staller', most: 3 },
];

/** These pretend to download. */
const leechStrategies: ReadonlySet<StrategyName> = new Set(['freeRider', 'idleInterested']);

/** Leeches that want more than they give. A boaster is missing: that every peer says what its disk holds is checked of all. */
const strategic: readonly StrategyName[] = ['miser', 'favourer', 'hider', 'uninterested', 'freeRider', 'liar', 'silent'];

/** How large a random scenario may become. */
interface ScenarioSize {
  readonly mostPieces: number;
  /** Piece lengths are 16 KiB, doubled less often than this. */
  readonly pieceLengths: number;
  readonly mostLeechGroups: number;
  readonly mostLeechesPerGroup: number;
  readonly mostDeviatingGroups: number;
  readonly mostDeviating: number;
}

/** Small ones cost a tenth of medium ones, so they try more orders of events; some faults need many pieces and peers. */
const scenarioSizes = {
  small: { mostPieces: 8, pieceLengths: 3, mostLeechGroups: 2, mostLeechesPerGroup: 2, mostDeviatingGroups: 1, mostDeviating: 2 },
  medium: { mostPieces: 40, pieceLengths: 5, mostLeechGroups: 4, mostLeechesPerGroup: 4, mostDeviatingGroups: 2, mostDeviating: 12 },
  large: { mostPieces: 160, pieceLengths: 5, mostLeechGroups: 5, mostLeechesPerGroup: 6, mostDeviatingGroups: 4, mostDeviating: 12 },
} satisfies Record<string, ScenarioSize>;

export type ScenarioSizeName = keyof typeof scenarioSizes;

export const scenarioSizeNames = Object.keys(scenarioSizes) as readonly ScenarioSizeName[];

/**
 * A random scenario, to find cases that nobody thought of: sizes, rates, slots, few links, magnets, churn, slow and hostile peers
 * in any mix. One honest seed never leaves, so every peer that stays must finish.
 */
export function randomScenario(seed: number, sizeName: ScenarioSizeName = 'medium'): Scenario {
  const random = seededRandom(seed);
  const size = scenarioSizes[sizeName];
  const pieceBytes = 16_384 << random.below(size.pieceLengths);
  const slots = 1 + random.below(8);
  const scenario: Scenario = {
    name: sizeName === 'medium' ? `random ${seed}` : `random ${seed} (${sizeName})`,
    pieceCount: 1 + random.below(size.mostPieces),
    pieceBytes,
    lastPieceBytes: 1 + random.below(pieceBytes),
    groups: [
      { ...seeds, up: rate(random) },
      ...Array.from({ length: 1 + random.below(size.mostLeechGroups) }, (_, i) => leechGroup(random, i, size)),
      ...Array.from({ length: random.below(size.mostDeviatingGroups + 1) }, (_, i) => deviatingGroup(random, i, size)),
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
    swarm: policies(seed, slots, random),
    asBytes: random.below(8) === 0,
    checked: true,
    deadlineMs: 7_200_000,
  };
  return withStrategicPeers(withTrouble(scenario, seed, random), seed);
}

/** Something that the groups of a random scenario do not have. */
function withTrouble(scenario: Scenario, seed: number, random: Random): Scenario {
  const kind = random.below(10);
  if (isGossip(scenario) && (seed & 8) === 0) return withFlooder(scenario);
  if (kind === 0) return withSlowSeed(scenario, slowRate(random));
  if (kind === 1) return withLossyPath(scenario);
  return kind === 2 ? withIdThieves(scenario, 1 + random.below(2)) : scenario;
}

/** About one scenario of eleven has one or two strategic leeches. Drawn from the seed's own bits, like {@link strategies}. */
function withStrategicPeers(scenario: Scenario, seed: number): Scenario {
  const bits = Math.imul(seed, 0x9e3779b1) >>> 16;
  const strategy = strategic[(bits >> 3) & 7];
  if ((bits & 7) !== 2 || strategy === undefined) return scenario;
  const group: Group = { ...leeches, name: strategy, strategy, badShare: 0.05, mustFinish: false, count: 1 + ((bits >> 6) & 1) };
  return { ...scenario, groups: [...scenario.groups, group] };
}

/** They are there before everybody else, so every other peer meets them first. */
function withIdThieves(scenario: Scenario, count: number): Scenario {
  return { ...scenario, groups: [...scenario.groups.map(later), { ...seeds, name: 'idThief', strategy: 'idThief', count }] };
}

function later(group: Group): Group {
  const [from, until] = group.joinMs;
  return { ...group, joinMs: [from + 1000, until + 1000] };
}

function isGossip({ swarm }: Scenario): boolean {
  return swarm.dissemination === 'push' || swarm.dissemination === 'push-pull';
}

/** Somebody sends blocks that nobody requested, more than are welcome. */
function withFlooder(scenario: Scenario): Scenario {
  const flooder: Group = { ...seeds, name: 'gossipFlooder', strategy: 'gossipFlooder', badShare: 1 };
  return { ...scenario, groups: [...scenario.groups, flooder] };
}

/** The first seed loses packets. */
function withLossyPath(scenario: Scenario): Scenario {
  const groups = scenario.groups.map((group, at) => (at === 0 ? { ...group, strategy: 'lossy' as const } : group));
  return { ...scenario, groups };
}

/** Few and small pieces: at 2 KiB/s one copy of 512 KiB takes four minutes. */
function withSlowSeed(scenario: Scenario, up: number): Scenario {
  const [seed, ...others] = scenario.groups;
  const groups = seed === undefined ? others : [{ ...seed, name: 'seed', strategy: 'slowHonest' as const, up }, ...others];
  const pieceBytes = Math.min(scenario.pieceBytes, 65_536);
  const size = { pieceBytes, lastPieceBytes: Math.min(scenario.lastPieceBytes, pieceBytes), pieceCount: Math.min(scenario.pieceCount, 8) };
  return { ...scenario, ...size, groups, deadlineMs: 36_000_000 };
}

/** Every combination of policies, with few slots or many. */
function policies(seed: number, slots: number, random: Random): Scenario['swarm'] {
  return {
    ...strategies(seed),
    slotPolicy: (seed & 1) === 0 ? 'turns' : 'tit-for-tat',
    seedPolicy: (seed & 2) === 0 ? 'suggest' : 'plain',
    piecePolicy: (seed & 4) === 0 ? 'finish-own' : 'finish-begun',
    uploads: Math.min(slots, 4),
    serialUploads: Math.min(slots, 3),
    crowdLinks: (seed & 8) === 0 ? 2 : 12,
    mostUploads: slots + 1,
    uploadSlots: slots + 1,
    optimisticSlots: 1 + random.below(slots),
  };
}

/** Most seeds have the usual ones. Drawn from the seed's own bits, so that the rest of a scenario stays what it was. */
function strategies(seed: number): Scenario['swarm'] {
  const bits = Math.imul(seed, 0xc2b2ae35) >>> 16;
  return {
    pieceOrder: (['random', 'sequential', 'windowed'] as const)[bits & 7] ?? 'rarest',
    peerRank: (['rarity', 'latency', 'hybrid'] as const)[((bits >> 3) + 1) & 7] ?? 'rate',
    dissemination: (['push', 'pull', 'push-pull'] as const)[((bits >> 8) + 2) & 7] ?? 'bittorrent',
    asking: ((bits >> 6) & 3) === 0 ? 'scored' : 'greedy',
  };
}

/** 64 KiB/s to 4 MiB/s. */
function rate(random: Random): number {
  return mebibyte * 2 ** (random.below(7) - 4);
}

/** 2 to 32 KiB/s. */
function slowRate(random: Random): number {
  return 2048 * 2 ** random.below(5);
}

function leechGroup(random: Random, index: number, { mostLeechesPerGroup }: ScenarioSize): Group {
  const up = rate(random);
  const leaves = random.below(3) === 0;
  const returns = leaves && random.below(2) === 0;
  return {
    ...leeches,
    name: `leech ${index}`,
    count: 1 + random.below(mostLeechesPerGroup),
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

function deviatingGroup(random: Random, index: number, { mostDeviating }: ScenarioSize): Group {
  const { strategy, most } = itemAt(deviations, random.below(deviations.length));
  const isSlow = strategy === 'slowHonest' || random.below(4) === 0;
  return {
    ...leeches,
    name: `${strategy} ${index}`,
    strategy,
    isSeed: !leechStrategies.has(strategy),
    mustFinish: false,
    count: 1 + random.below(Math.min(most, mostDeviating)),
    badShare: (1 + random.below(10)) / 10,
    up: isSlow ? slowRate(random) : rate(random),
  };
}
