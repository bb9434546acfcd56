import { seededRandom } from '../../random.ts';
import { median } from '../../sim/report.ts';
import { idealCrowd, leeches, seeds as seedGroup } from '../../sim/scenarios/scenarios.ts';
import { chunkBytes, heightAt, runEngine, type EngineRun } from '../engine-run.ts';
import type { Cell, Experiment, Options, Point, Report, Run, Series } from '../experiment.ts';
import { interval, quantile, shownInterval } from '../statistics.ts';
import { earlierGossip, runGossip, type GossipConfig, type GossipMode, type GossipRun } from './gossip-world.ts';

const modes: readonly GossipMode[] = ['push', 'pull', 'push-pull'];

/** A big swarm with the same rules: where the logarithm shows. */
const bigGossip = { ...earlierGossip, peers: 1000, chunks: 64 };
const bigSeeds = 3;
/** A thousand of our engines take a minute: only a long run, one seed for each thousand of its own, waits for them. */
const seedsPerBigEngine = 1000;

interface Measured {
  readonly name: string;
  readonly rounds: readonly number[];
  /** Seconds until a share of all chunks was there, per run. */
  readonly reached: (share: number) => readonly number[];
  /** Sent chunks that the receiver had already, over all that were sent. */
  readonly redundant: readonly number[];
  /** Chunks sent and requests, per peer. */
  readonly messages: readonly number[];
  readonly series: Series;
  /** The largest distance of the median curve from a straight line, as a share of all chunks. */
  readonly bend: number;
}

function measure(config: GossipConfig, runs: readonly GossipRun[]): Measured {
  const all = config.peers * config.chunks;
  const rounds = runs.map((each) => each.rounds ?? Infinity);
  const series = curveOf(
    config.mode,
    runs.map(
      ({ held }) =>
        (time) =>
          time === 0 ? 0 : (held[time - 1] ?? all) / all,
    ),
    quantile(rounds, 0.95),
  );
  return {
    name: config.mode,
    rounds,
    reached: (share) => runs.map(({ held }) => held.findIndex((count) => count >= share * all) + 1),
    redundant: runs.map(({ redundant, sent }) => redundant / sent),
    messages: runs.map(({ sent, requests }) => (sent + requests) / (config.peers + 1)),
    series,
    bend: bendOf(series.points, median(rounds)),
  };
}

/** The median of many curves with the band that holds 90 % of them. */
function curveOf(name: string, curves: readonly ((time: number) => number)[], until: number): Series {
  const times = Array.from({ length: Math.ceil(until) + 1 }, (_, time) => time);
  const at = (share: number): Point[] =>
    times.map((time) => [
      time,
      100 *
        quantile(
          curves.map((curve) => curve(time)),
          share,
        ),
    ]);
  return { name, points: at(0.5), band: { low: at(0.05), high: at(0.95) } };
}

function bendOf(points: readonly Point[], end: number): number {
  return Math.max(...points.filter(([time]) => time <= end).map(([time, height]) => Math.abs(height / 100 - time / end)));
}

function row(measured: Measured, digits = 1): Cell[] {
  const { name, rounds, reached, redundant, messages, bend } = measured;
  return [
    name,
    median(reached(0.25)),
    median(reached(0.5)),
    median(reached(0.9)),
    median(rounds),
    shownInterval(interval(rounds), digits),
    quantile(rounds, 0.95),
    `${(100 * interval(redundant).mean).toFixed(1)} %`,
    shownInterval(interval(messages), digits),
    `${(100 * bend).toFixed(0)} %`,
  ];
}

const columns = [
  'mode',
  'rounds to 25 %',
  'to 50 %',
  'to 90 %',
  'to the end (median)',
  'to the end (mean, 95 %)',
  'to the end (p95)',
  'redundant',
  'messages a node',
  'bend',
];

/**
 * Our engine with the same numbers of peers and chunks. The uplink carries as many chunks a second as a pushing peer sends. Tells its progress
 * within these shares.
 */
function* engineRuns(
  config: Omit<GossipConfig, 'mode'>,
  seeds: number,
  [from, until]: readonly [number, number],
): Generator<number, Measured, void> {
  const up = config.neighbours * chunkBytes;
  const crowd = idealCrowd(config.peers, config.chunks, up);
  const scenario = {
    ...crowd,
    groups: [
      { ...seedGroup, up },
      { ...leeches, up, count: config.peers },
    ],
  };
  const all = config.peers * config.chunks;
  const runs: EngineRun[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    runs.push(runEngine(scenario, seed));
    yield from + ((until - from) * seed) / seeds;
  }
  const rounds = runs.map(({ endedMs }) => endedMs / 1000);
  const series = curveOf(
    'our engine',
    runs.map(
      ({ curve }) =>
        (time) =>
          heightAt(curve, time) / all,
    ),
    quantile(rounds, 0.95),
  );
  return {
    name: 'our engine',
    rounds: rounds.map(Math.ceil),
    reached: (share) => runs.map(({ curve }) => Math.ceil(curve.find(([, count]) => count >= share * all)?.[0] ?? Infinity)),
    redundant: runs.map(({ wastedShare }) => wastedShare / (1 + wastedShare)),
    messages: runs.map(({ messagesPerPeer }) => messagesPerPeer),
    series,
    bend: bendOf(series.points, median(rounds)),
  };
}

function gossipRuns(config: GossipConfig, seeds: number): Measured {
  return measure(
    config,
    Array.from({ length: seeds }, (_, i) => runGossip(config, seededRandom(i + 1))),
  );
}

/** What the authors said of their three modes, judged by the figures. */
function judge(measured: readonly Measured[], big: readonly Measured[], engine: Measured): string[] {
  const [push, pull, both] = measured;
  const [, , bigBoth, bigEngine] = big;
  if (push === undefined || pull === undefined || both === undefined) return [];
  const of = (mode: Measured, share: number): number => interval(mode.reached(share)).mean;
  const tail = (mode: Measured): number => 1 - of(mode, 0.9) / interval(mode.rounds).mean;
  const verdict = (holds: boolean): string => (holds ? 'confirmed' : 'refuted');
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const bound = earlierGossip.chunks + Math.log2(earlierGossip.peers + 1);
  return [
    `"Push is quick at the start": ${verdict(of(push, 0.25) < of(pull, 0.25))}. A quarter is there after ${of(push, 0.25).toFixed(1)} rounds by push and ${of(pull, 0.25).toFixed(1)} by pull.`,
    `"Push stalls at the end, because messages become redundant": ${verdict(tail(push) > tail(pull))}. The last tenth takes ${percent(tail(push))} of the time by push and ${percent(tail(pull))} by pull; ${percent(interval(push.redundant).mean)} of the pushed chunks are redundant.`,
    `"Pull is slow at the start and quick at the end": ${verdict(of(pull, 0.25) > of(push, 0.25) && tail(pull) < tail(push))}.`,
    `"Push-pull is nearly linear": ${verdict(both.bend < Math.min(push.bend, pull.bend))} as the straightest of the three. The median curve leaves a straight line by at most ${percent(both.bend)} of all chunks (push ${percent(push.bend)}, pull ${percent(pull.bend)}). With ${bigGossip.peers} peers it is ${percent(big[2]?.bend ?? NaN)} (${percent(big[0]?.bend ?? NaN)}, ${percent(big[1]?.bend ?? NaN)}).`,
    `"Push-pull is the fastest": ${verdict(interval(both.rounds).mean < Math.min(interval(push.rounds).mean, interval(pull.rounds).mean))}. Mean rounds: push ${shownInterval(interval(push.rounds), 1)}, pull ${shownInterval(interval(pull.rounds), 1)}, push-pull ${shownInterval(interval(both.rounds), 1)}; k + log₂ n is ${bound.toFixed(1)}.`,
    `Our engine, with an uplink of ${earlierGossip.neighbours} chunks a second, needs ${shownInterval(interval(engine.rounds), 1)} rounds and sends ${percent(interval(engine.redundant).mean)} twice.${bigEngine === undefined ? '' : ` With ${bigGossip.peers} peers it needs ${shownInterval(interval(bigEngine.rounds), 1)} rounds, push-pull ${shownInterval(interval(bigBoth?.rounds ?? []), 1)}.`}`,
  ];
}

function* run({ seeds }: Options): Run {
  const small: Measured[] = [];
  const big: Measured[] = [];
  for (const mode of modes) {
    small.push(gossipRuns({ ...earlierGossip, mode }, seeds));
    big.push(gossipRuns({ ...bigGossip, mode }, Math.min(seeds, bigSeeds)));
    yield (small.length / modes.length) * 0.1;
  }
  const bigEngines = Math.floor(seeds / seedsPerBigEngine);
  const engine = yield* engineRuns(earlierGossip, Math.min(seeds, 30), [0.1, bigEngines === 0 ? 1 : 0.2]);
  if (bigEngines > 0) big.push(yield* engineRuns(bigGossip, bigEngines, [0.2, 1]));
  return report(seeds, small, big, engine);
}

function report(seeds: number, small: readonly Measured[], big: readonly Measured[], engine: Measured): Report {
  const bigEngines = Math.floor(seeds / seedsPerBigEngine);
  const bound = (config: { chunks: number; peers: number }): string => (config.chunks + Math.log2(config.peers + 1)).toFixed(1);
  return {
    experiment: 'gossip',
    world: `One seed and ${earlierGossip.peers} peers, ${earlierGossip.chunks} chunks, ${earlierGossip.neighbours} random peers every ${earlierGossip.announceRounds} s, one round a second; seeds 1 to ${seeds} (our engine: 1 to ${Math.min(seeds, 30)}).`,
    findings: judge(small, big, engine),
    tables: [
      {
        name: 'gossip-small',
        title: `1 seed and ${earlierGossip.peers} peers, ${earlierGossip.chunks} chunks; k + log₂ n = ${bound(earlierGossip)} rounds`,
        columns,
        rows: [...small, engine].map((measured) => row(measured)),
      },
      {
        name: 'gossip-big',
        title: `1 seed and ${bigGossip.peers} peers, ${bigGossip.chunks} chunks, seeds 1 to ${Math.min(seeds, bigSeeds)}${bigEngines === 0 ? '' : ` (our engine: ${bigEngines})`}; k + log₂ n = ${bound(bigGossip)} rounds`,
        columns,
        rows: big.map((measured) => row(measured)),
      },
    ],
    charts: [
      {
        name: 'gossip-small',
        title: `Chunks over time, 1 seed and ${earlierGossip.peers} peers: median and the band of 90 %`,
        x: 'rounds (seconds)',
        y: 'chunks there, %',
        series: [...small, engine].map(({ series }) => series),
      },
      {
        name: 'gossip-big',
        title: `Chunks over time, 1 seed and ${bigGossip.peers} peers`,
        x: 'rounds (seconds)',
        y: 'chunks there, %',
        series: big.map(({ series }) => series),
      },
    ],
    records: [...recordsOf(earlierGossip.peers, [...small, engine]), ...recordsOf(bigGossip.peers, big)],
  };
}

function recordsOf(peers: number, measured: readonly Measured[]): Report['records'] {
  return measured.flatMap(({ name, rounds, redundant, messages }) =>
    rounds.map((took, i) => ({
      experiment: 'gossip',
      peers,
      mode: name,
      seed: i + 1,
      rounds: took,
      redundant: Number((redundant[i] ?? 0).toFixed(3)),
      messages: Number((messages[i] ?? 0).toFixed(1)),
    })),
  );
}

export const gossip: Experiment = {
  name: 'gossip',
  question: 'Push, pull or both: which gossip fills a swarm, and what does it waste?',
  usualSeeds: 1000,
  run,
};
