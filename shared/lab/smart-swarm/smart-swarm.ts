import type { Cell, Experiment, Options, Point, Report, Run, Table } from '../experiment.ts';
import { interval, shownInterval } from '../statistics.ts';
import { bitTorrent, hybrid, smartStrategies, type SmartStrategy, smartSwarm } from './smart-strategies.ts';
import { runSmartWorld, type SmartFigures, smartPeers, smartPieces, type SmartWorld } from './smart-world.ts';

const steady = { unstable: 0, saboteurs: 0, trackerDies: null };

const flat: SmartWorld = { ...steady, name: 'flat', clustered: false };
const clustered: SmartWorld = { ...steady, name: 'clustered', clustered: true };
const flatUnstable: SmartWorld = { ...flat, name: 'flat, 10 % unstable', unstable: 0.1 };
const clusteredUnstable: SmartWorld = { ...clustered, name: 'clustered, 10 % unstable', unstable: 0.1 };
const trackerless: SmartWorld = { ...flat, name: 'flat, tracker dies', trackerDies: 0.3 };
const sabotaged: SmartWorld = { ...flat, name: 'flat, 20 % saboteurs', saboteurs: 0.2 };

const worlds: readonly SmartWorld[] = [flat, flatUnstable, clustered, clusteredUnstable, trackerless, sabotaged];

interface Measured {
  readonly strategy: SmartStrategy;
  readonly world: SmartWorld;
  readonly runs: readonly SmartFigures[];
}

function* measureAll(seeds: number): Generator<number, Measured[], void> {
  const measured: Measured[] = [];
  const count = worlds.length * smartStrategies.length;
  for (const world of worlds) {
    for (const strategy of smartStrategies) {
      const runs: SmartFigures[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        runs.push(runSmartWorld(world, strategy.swarm, seed));
        yield (measured.length + seed / seeds) / count;
      }
      measured.push({ strategy, world, runs });
    }
  }
  return measured;
}

/** All runs of a strategy in a world. */
class Results {
  readonly #measured: readonly Measured[];

  constructor(measured: readonly Measured[]) {
    this.#measured = measured;
  }

  runs(strategy: SmartStrategy, world: SmartWorld): readonly SmartFigures[] {
    return this.#measured.find((each) => each.strategy === strategy && each.world === world)?.runs ?? [];
  }

  shown(strategy: SmartStrategy, world: SmartWorld, figure: (run: SmartFigures) => number, digits = 2): string {
    return shownInterval(interval(this.runs(strategy, world).map(figure)), digits);
  }

  mean(strategy: SmartStrategy, world: SmartWorld, figure = lastOf): number {
    return interval(this.runs(strategy, world).map(figure)).mean;
  }

  /** By how much the first strategy takes longer than the second, as "+12 %"; "no difference" where the intervals overlap. */
  difference(first: SmartStrategy, second: SmartStrategy, world: SmartWorld): string {
    const [a, b] = [first, second].map((strategy) => interval(this.runs(strategy, world).map(lastOf)));
    if (a === undefined || b === undefined || Math.abs(a.mean - b.mean) <= a.halfWidth + b.halfWidth) return 'no difference';
    const share = a.mean / b.mean - 1;
    return `${share > 0 ? '+' : '−'}${Math.abs(100 * share).toFixed(0)} %`;
  }
}

function lastOf({ lastOverBound }: SmartFigures): number {
  return lastOverBound;
}

function timeTable(results: Results): Table {
  return {
    name: 'smart-swarm-time',
    title: 'Last of the steady leeches, × the bound',
    columns: ['strategy', ...worlds.map(({ name }) => name)],
    rows: smartStrategies.map((strategy): Cell[] => [strategy.name, ...worlds.map((world) => results.shown(strategy, world, lastOf))]),
  };
}

function costTable(results: Results): Table {
  return {
    name: 'smart-swarm-costs',
    title: 'What it costs',
    columns: [
      'strategy',
      'mean leech, flat, × the bound',
      'copies the seed sent, flat',
      'between clusters, %',
      'received for nothing, flat, %',
      'bad pieces a peer, saboteurs',
      'saboteurs banned, %',
    ],
    rows: smartStrategies.map((strategy): Cell[] => [
      strategy.name,
      results.shown(strategy, flat, ({ meanOverBound }) => meanOverBound),
      results.shown(strategy, flat, ({ seedFiles }) => seedFiles),
      results.shown(strategy, clustered, ({ farShare }) => 100 * farShare, 0),
      results.shown(strategy, flat, ({ wastedShare }) => 100 * wastedShare, 1),
      results.shown(strategy, sabotaged, ({ badPieces }) => badPieces),
      results.shown(strategy, sabotaged, ({ bannedShare }) => 100 * bannedShare, 0),
    ]),
  };
}

const settled: readonly SmartWorld[] = [flat, flatUnstable, clustered, clusteredUnstable];

function findings(results: Results): string[] {
  const against = (strategy: SmartStrategy): string =>
    settled.map((world) => `${world.name} ${results.difference(strategy, bitTorrent, world)}`).join('; ');
  const isSooner = settled.every((world) => results.difference(smartSwarm, bitTorrent, world).startsWith('−'));
  const least = Math.min(...smartStrategies.map((strategy) => results.mean(strategy, sabotaged, ({ bannedShare }) => bannedShare)));
  const isExact = smartStrategies.every((strategy) => Number.isFinite(results.mean(strategy, sabotaged)));
  const failover = smartStrategies.map((strategy) => results.mean(strategy, trackerless) / results.mean(strategy, flat) - 1);
  return [
    `"Random pieces from peers that answer soon and surely are done sooner than rarest first with tit for tat": ${isSooner ? 'confirmed' : 'refuted'}. The smart swarm’s time against it: ${against(smartSwarm)}.`,
    `A hybrid of both (rarest first; ranked by what a peer gives times how soon and surely it answers) against rarest first with tit for tat: ${against(hybrid)}.`,
    `A tracker that dies at 30 % of the bound delays nobody by more than ${(100 * Math.max(0, ...failover)).toFixed(0)} %: links that are open stay open. There is no second tracker to fail over to here; real browsers with two show that in \`npm run demo -- failover\`.`,
    `Among saboteurs ${isExact ? 'every steady leech got the exact file, whatever the strategy' : 'some leeches never finished'}; at least ${(100 * least).toFixed(0)} % of the saboteurs were found and banned.`,
  ];
}

function* run({ seeds }: Options): Run {
  return report(seeds, yield* measureAll(seeds));
}

function report(seeds: number, measured: readonly Measured[]): Report {
  const results = new Results(measured);
  return {
    experiment: 'smart-swarm',
    world: `One seed and ${smartPeers} leeches, ${smartPieces} pieces of 1 MiB, uplinks of 1 MiB/s. Flat: delays of 10 to 80 ms. Clustered: four clusters, 5 to 20 ms within, 100 to 250 ms and at most 128 KiB/s a flow between. Unstable peers have a quarter of the uplink and stall for up to a minute; saboteurs corrupt half of their blocks. Seeds 1 to ${seeds}. Intervals (±) hold the mean with 95 %.`,
    findings: findings(results),
    tables: [timeTable(results), costTable(results)],
    charts: [
      {
        name: 'smart-swarm',
        title: 'Last steady leech: flat, 10 % unstable, clustered, clustered and unstable',
        x: 'world (in the order of the table)',
        y: '× the bound',
        series: smartStrategies.map((strategy) => ({
          name: strategy.name.split(/[:,]/)[0] ?? '',
          points: settled.map((world, at): Point => [at + 1, results.mean(strategy, world)]),
        })),
      },
    ],
    records: measured.flatMap(({ strategy, world, runs }) =>
      runs.map((figures, i) => ({ experiment: 'smart-swarm', strategy: strategy.name, world: world.name, seed: i + 1, ...figures })),
    ),
  };
}

export const smartSwarmExperiment: Experiment = {
  name: 'smart-swarm',
  question: 'Do peers scored by latency and success beat rarest first and tit for tat?',
  usualSeeds: 30,
  run,
};
