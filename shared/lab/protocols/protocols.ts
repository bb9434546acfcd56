import { run as simulate } from '../../sim/run.ts';
import { timesOf } from '../../sim/report.ts';
import { leeches, mebibyte, type Scenario } from '../../sim/scenarios/scenarios.ts';
import type { SwarmConfig } from '../../swarm/config.ts';
import type { Cell, Experiment, Options, Point, Report, Run, Series, Table } from '../experiment.ts';
import { measureSwarm, type SwarmFigures } from '../measure-swarm.ts';
import { interval, type Interval, shownInterval } from '../statistics.ts';
import { defaultSwarm, type SwarmOptions, swarmScenario } from '../swarm-options.ts';

/** The engine with everything on; each part is this with one thing changed. */
const full: Partial<SwarmConfig> = { slotPolicy: 'turns', seedPolicy: 'suggest', piecePolicy: 'finish-own' };

const inRounds: Partial<SwarmConfig> = { ...full, slotPolicy: 'tit-for-tat' };
/** More slots than there are leeches. */
const slotsForAll = 128;

interface Part {
  readonly name: string;
  readonly swarm: Partial<SwarmConfig>;
  readonly trackerDies?: boolean;
}

const parts: readonly Part[] = [
  { name: 'all parts', swarm: full },
  { name: 'random pieces instead of rarest first', swarm: { ...full, pieceOrder: 'random' } },
  { name: 'pieces in the order of the file', swarm: { ...full, pieceOrder: 'sequential' } },
  { name: 'pieces begun by others first', swarm: { ...full, piecePolicy: 'finish-begun' } },
  { name: 'tit-for-tat in rounds instead of turns', swarm: inRounds },
  { name: 'the same without optimistic unchokes', swarm: { ...inRounds, optimisticSlots: 0 } },
  { name: 'no tit-for-tat: everybody is served at once', swarm: { ...inRounds, uploadSlots: slotsForAll } },
  { name: 'a seed that suggests nothing', swarm: { ...full, seedPolicy: 'plain' } },
  { name: 'no end game', swarm: { ...full, endGameCopies: 1 } },
  {
    name: 'no pipeline: two requests at a time',
    swarm: { ...full, firstWindowBlocks: 2, leastWindowBlocks: 2, mostWindowBlocks: 2, connectionBlocks: 2, farConnectionBlocks: 2 },
  },
  { name: 'a tracker that dies after a third of the bound, so that nobody is introduced any more', swarm: full, trackerDies: true },
];

const world: SwarmOptions = { ...defaultSwarm, peers: 20, pieces: 96, transport: 'browser' };
const riders = 0.3;

interface Measured {
  readonly name: string;
  readonly plain: readonly SwarmFigures[];
  readonly withRiders: readonly SwarmFigures[];
}

function* measureParts(seeds: number): Generator<number, Measured[], void> {
  const measured: Measured[] = [];
  for (const { name, ...part } of parts) {
    const plain: SwarmFigures[] = [];
    const withRiders: SwarmFigures[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      plain.push(measureSwarm({ ...world, ...part }, seed));
      withRiders.push(measureSwarm({ ...world, ...part, riders }, seed));
      yield (0.8 * (measured.length + seed / seeds)) / parts.length;
    }
    measured.push({ name, plain, withRiders });
  }
  return measured;
}

/** What one leech gives, over what the others give. */
const uplinks = [0.25, 0.5, 1, 2, 4] as const;
interface Given {
  readonly uplink: number;
  /** Its time over the mean of the others, per seed. */
  readonly ratios: readonly number[];
}

/** One leech of many gives less or more than the others: what does it gain? */
function* measureGiving(seeds: number): Generator<number, Given[], void> {
  const given: Given[] = [];
  for (const uplink of uplinks) {
    const ratios: number[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      ratios.push(timeOfOne(uplink, seed));
      yield 0.8 + (0.2 * (given.length + seed / seeds)) / uplinks.length;
    }
    given.push({ uplink, ratios });
  }
  return given;
}

function timeOfOne(uplink: number, seed: number): number {
  const { groups, ...rest } = swarmScenario({ ...world, seedUp: mebibyte, swarm: full }, seed);
  const scenario: Scenario = { ...rest, groups: [...groups, { ...leeches, name: 'one', up: uplink * mebibyte }] };
  const result = simulate(scenario, seed);
  const [one = Infinity] = timesOf(result, 'one');
  return one / interval(timesOf(result, 'leech')).mean;
}

function partsTable(measured: readonly Measured[]): Table {
  const of = (runs: readonly SwarmFigures[], figure: (run: SwarmFigures) => number, digits: number): string =>
    shownInterval(interval(runs.map(figure)), digits);
  return {
    name: 'protocols',
    title: `What each part of the protocol does: ${world.peers} leeches, ${world.pieces} pieces, transport as between browsers`,
    columns: [
      'parts',
      'mean, × bound',
      'last, × bound',
      'copies the seed sent',
      'received for nothing, %',
      'messages a peer',
      'fairness (Jain, given / taken)',
      'with 30 % riders: contributors’ last, × bound',
      'riders, × contributors',
    ],
    rows: measured.map(({ name, plain, withRiders }): Cell[] => [
      name,
      of(plain, ({ meanOverBound }) => meanOverBound, 2),
      of(plain, ({ lastOverBound }) => lastOverBound, 2),
      of(plain, ({ seedBytesOverSize }) => seedBytesOverSize, 2),
      of(plain, ({ waste }) => 100 * waste, 1),
      of(plain, ({ messagesPerPeer }) => messagesPerPeer, 0),
      of(plain, ({ fairness }) => fairness, 3),
      of(withRiders, ({ lastOverBound }) => lastOverBound, 2),
      of(withRiders, ({ ridersOverLast }) => ridersOverLast ?? Number.NaN, 2),
    ]),
  };
}

function givingTable(given: readonly Given[]): Table {
  return {
    name: 'giving',
    title: 'One leech gives less or more than the others: its time over theirs',
    columns: ['its uplink, × the others', 'its time, × the others'],
    rows: given.map(({ uplink, ratios }) => [uplink, shownInterval(interval(ratios), 3)]),
  };
}

function findings(measured: readonly Measured[], given: readonly Given[]): string[] {
  const [all, ...others] = measured;
  if (all === undefined) return [];
  const last = ({ plain }: Measured): number => interval(plain.map(({ lastOverBound }) => lastOverBound)).mean;
  const costs = others.map((each) => `${each.name} ${percent(last(each) / last(all) - 1)}`);
  return [
    `With all parts the last of ${world.peers} leeches is done at ${last(all).toFixed(2)} × the bound. What a change costs in time: ${costs.join(', ')}.`,
    ...judgeGiving(given),
  ];
}

/** The two halves of the premise of tit-for-tat, each by intervals that do not overlap. */
function judgeGiving(given: readonly Given[]): string[] {
  const times = given.map(({ uplink, ratios }) => ({ uplink, ...interval(ratios) }));
  const [least, most, equal] = [times[0], times.at(-1), times.find(({ uplink }) => uplink === 1)];
  if (least === undefined || most === undefined || equal === undefined) return [];
  if (least.halfWidth === 0)
    return ['Whether giving pays cannot be told from one run: its difference is smaller than that between two runs.'];
  const isSooner = (a: Interval, b: Interval): boolean => a.mean + a.halfWidth < b.mean - b.halfWidth;
  const lessIsSooner = times.some((less, i) => times.slice(i + 1).some((more) => isSooner(less, more)));
  const shown = ({ uplink, ...time }: (typeof times)[number]): string => `${shownInterval(time, 3)} with ${uplink} × their uplink`;
  return [
    `"Whoever gives more is done sooner": ${isSooner(most, least) ? 'confirmed' : 'not shown'}. Times over the others’: ${times.map(shown).join(', ')}.`,
    `"Nobody is done sooner by giving less": ${lessIsSooner ? 'refuted' : 'confirmed'}. Who gives ${least.uplink} × as much as the others is done ${isSooner(equal, least) ? 'later than who gives as much' : 'no sooner than who gives as much'}.`,
  ];
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : '−'}${Math.abs(100 * share).toFixed(0)} %`;
}

function* run({ seeds }: Options): Run {
  const measured = yield* measureParts(seeds);
  const given = yield* measureGiving(seeds);
  return report(seeds, measured, given);
}

function givingLine(given: readonly Given[]): Series {
  const line = (of: (time: Interval) => number): Point[] => given.map(({ uplink, ratios }) => [uplink, of(interval(ratios))]);
  const band = { low: line(({ mean, halfWidth }) => mean - halfWidth), high: line(({ mean, halfWidth }) => mean + halfWidth) };
  return { name: 'one leech (95 %)', points: line(({ mean }) => mean), band };
}

function report(seeds: number, measured: readonly Measured[], given: readonly Given[]): Report {
  return {
    experiment: 'protocols',
    world: `One seed and ${world.peers} leeches, ${world.pieces} pieces of 256 KiB, uplinks of 1 MiB/s, set-up times and delays as between browsers. All parts are turns, a seed that suggests, and own pieces first, as in the app. Seeds 1 to ${seeds}. Intervals (±) hold the mean with 95 %.`,
    findings: findings(measured, given),
    tables: [partsTable(measured), givingTable(given)],
    charts: [
      {
        name: 'giving',
        title: 'Whoever gives more is done sooner',
        x: 'uplink of one leech, × the others’',
        y: 'its time, × the others’',
        series: [givingLine(given)],
      },
    ],
    records: [...measured.flatMap(partRecords), ...given.flatMap(givingRecords)],
  };
}

function partRecords({ name, plain, withRiders }: Measured): Report['records'] {
  return plain.map((figures, i) => ({
    experiment: 'protocols',
    parts: name,
    seed: figures.seed,
    meanOverBound: figures.meanOverBound,
    lastOverBound: figures.lastOverBound,
    seedBytesOverSize: figures.seedBytesOverSize,
    waste: figures.waste,
    messagesPerPeer: figures.messagesPerPeer,
    fairness: figures.fairness,
    lastWithRiders: withRiders[i]?.lastOverBound ?? 0,
    ridersOverLast: withRiders[i]?.ridersOverLast ?? 0,
  }));
}

function givingRecords({ uplink, ratios }: Given): Report['records'] {
  return ratios.map((timeOverOthers, i) => ({ experiment: 'giving', seed: i + 1, uplink, timeOverOthers }));
}

export const protocols: Experiment = {
  name: 'protocols',
  question: 'What does each part of the protocol bring, and does giving pay?',
  usualSeeds: 30,
  run,
};
