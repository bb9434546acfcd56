import { seededRandom } from '../../random.ts';
import { idealCrowd, mebibyte, type Scenario } from '../../sim/scenarios/scenarios.ts';
import { chunkBytes, runEngine } from '../engine-run.ts';
import type { Cell, Experiment, Options, Report, Run, Table } from '../experiment.ts';
import { interval, shownInterval } from '../statistics.ts';
import { runBlocks } from './blocks-world.ts';
import { published, type Published, punctualSeconds } from './published.ts';

/** Our engine takes a second for six runs. */
const mostEngineSeeds = 30;

interface Rebuilt extends Published {
  /** Per seed: the mean of the peers. */
  readonly perRun: readonly number[];
  /** Against the published time of the peers that were there from the start. */
  readonly off: number;
  readonly ownSent: number;
  readonly told: number;
  readonly asked: number;
  readonly blocksOfPeers: number;
}

function rebuild(run: Published, seeds: number): Rebuilt {
  const results = Array.from({ length: seeds }, (_, i) => runBlocks(run, seededRandom(i + 1)));
  const mean = (of: (peer: (typeof results)[number][number]) => number): number => interval(results.flat().map(of)).mean;
  const perRun = results.map((peers) => interval(peers.map(({ seconds }) => seconds)).mean);
  return {
    ...run,
    perRun,
    off: interval(perRun).mean / punctualSeconds(run) - 1,
    ownSent: mean(({ sent }) => sent),
    told: mean(({ told }) => told),
    asked: mean(({ asked }) => asked),
    blocksOfPeers: run.blocks - mean(({ fromTracker }) => fromTracker),
  };
}

interface Ours {
  readonly peers: number;
  readonly blocks: number;
  readonly fileMiB: number;
  /** Per seed. */
  readonly seconds: readonly number[];
  readonly messages: readonly number[];
}

/** The same peers and numbers of blocks with our engine on links of 1 MiB/s. `fileBytes`: `null` for blocks of 256 KiB. */
function ours({ peers, blocks }: Published, fileBytes: number | null, seeds: number): Ours {
  const pieceBytes = fileBytes === null ? chunkBytes : fileBytes / blocks;
  const crowd: Scenario = { ...idealCrowd(peers, blocks), pieceBytes, lastPieceBytes: pieceBytes };
  const results = Array.from({ length: seeds }, (_, i) => runEngine(crowd, i + 1));
  return {
    peers,
    blocks,
    fileMiB: (pieceBytes * blocks) / mebibyte,
    seconds: results.map(({ endedMs }) => endedMs / 1000),
    messages: results.map(({ messagesPerPeer }) => messagesPerPeer),
  };
}

function rebuiltTable(rebuilt: readonly Rebuilt[]): Table {
  return {
    name: 'blocks-rebuilt',
    title: 'The earlier system by its own rules, beside what its authors published (means over the peers)',
    columns: [
      'peers',
      'blocks',
      'published s',
      'published s, without late peers',
      'rebuilt s',
      'off',
      'published sent',
      'rebuilt sent',
      'published received',
      'rebuilt: HAVEs and keep-alives of others',
      'rebuilt: requests that arrive',
      'rebuilt: blocks from peers',
    ],
    rows: rebuilt.map((each) => [
      each.peers,
      each.blocks,
      each.seconds,
      punctualSeconds(each).toFixed(2),
      shownInterval(interval(each.perRun), 2),
      signed(each.off, 1),
      each.sent,
      each.ownSent.toFixed(0),
      each.received,
      each.told.toFixed(0),
      each.asked.toFixed(0),
      each.blocksOfPeers.toFixed(0),
    ]),
  };
}

/** What may have been counted as received, beside the published count. All of it is messages between peers. */
const readings: readonly { readonly name: string; readonly count: (run: Rebuilt) => number }[] = [
  { name: 'HAVEs and keep-alives', count: ({ told }) => told },
  { name: 'with requests', count: ({ told, asked }) => told + asked },
  { name: 'with requests and blocks', count: ({ told, asked, blocksOfPeers }) => told + asked + blocksOfPeers },
  { name: 'with requests and all blocks, the tracker’s too', count: ({ told, asked, blocks }) => told + asked + blocks },
];

function offOf(reading: (typeof readings)[number], run: Rebuilt): number {
  return reading.count(run) / run.received - 1;
}

/** With blocks and requests counted: the share of the blocks that came from peers, if nothing else was counted. */
function impliedFromPeers({ received, sent, blocks }: Rebuilt): number {
  return (received - sent) / 2 / blocks;
}

function readingsTable(rebuilt: readonly Rebuilt[]): Table {
  return {
    name: 'blocks-readings',
    title: 'Received messages a peer: what the published count may mean',
    columns: [
      'peers',
      'blocks',
      'published',
      ...readings.map(({ name }) => name),
      'the third implies so many blocks from peers, %',
      'rebuilt: blocks from peers, %',
    ],
    rows: rebuilt.map((run): Cell[] => [
      run.peers,
      run.blocks,
      run.received,
      ...readings.map((reading) => `${reading.count(run).toFixed(0)} (${signed(offOf(reading, run))})`),
      (100 * impliedFromPeers(run)).toFixed(0),
      ((100 * run.blocksOfPeers) / run.blocks).toFixed(0),
    ]),
  };
}

function signed(share: number, digits = 0): string {
  const shown = Math.abs(100 * share).toFixed(digits);
  if (Number(shown) === 0) return `${shown} %`;
  return `${share < 0 ? '−' : '+'}${shown} %`;
}

/** The reading with the smallest largest error. */
function nearestReading(rebuilt: readonly Rebuilt[]): { readonly name: string; readonly worst: number } {
  const worst = readings.map((reading) => ({
    name: reading.name,
    worst: Math.max(...rebuilt.map((run) => Math.abs(offOf(reading, run)))),
  }));
  return worst.toSorted((a, b) => a.worst - b.worst)[0] ?? { name: '', worst: 0 };
}

function oursTable(name: string, title: string, results: readonly Ours[]): Table {
  return {
    name,
    title,
    columns: ['peers', 'blocks', 'MiB', 'our engine, s', 'earlier system, s', 'messages a peer'],
    rows: results.map(({ peers, blocks, fileMiB, seconds, messages }): Cell[] => [
      peers,
      blocks,
      fileMiB,
      shownInterval(interval(seconds), 1),
      published.find((run) => run.peers === peers && run.blocks === blocks)?.seconds ?? '',
      shownInterval(interval(messages), 0),
    ]),
  };
}

function findings(rebuilt: readonly Rebuilt[], sameFile: readonly Ours[]): string[] {
  const worst = Math.max(...rebuilt.map(({ off }) => Math.abs(off)));
  const late = rebuilt.find(({ late: seconds }) => seconds !== undefined);
  const nearest = nearestReading(rebuilt.filter(({ late: seconds }) => seconds === undefined));
  const implied = rebuilt.map((run) => 100 * impliedFromPeers(run));
  const fromPeers = rebuilt.map(({ blocksOfPeers, blocks: all }) => (100 * blocksOfPeers) / all);
  const publishedTimes = published.filter(({ peers }) => peers === 3).map(({ seconds }) => seconds.toFixed(0));
  const times = sameFile.filter(({ peers }) => peers === 3).map(({ seconds }) => interval(seconds).mean);
  return [
    `The published times are confirmed, and they are the timer: 3 s for each block but two, and a start of 1 to 2 s. Rebuilt, they are off by at most ${(100 * worst).toFixed(1)} %. Two of five peers with 20 blocks joined late (${late?.late?.join(' and ')} s); the published mean of ${late?.seconds} s includes them, and without them it is ${late === undefined ? '' : punctualSeconds(late).toFixed(2)} s.`,
    'Sent messages are HAVEs and keep-alives to every other peer: (blocks − 2 + time / 15 s) × (peers − 1).',
    `The published counts of received messages are nearest to HAVEs and keep-alives ${nearest.name} between peers: within ${(100 * nearest.worst).toFixed(0)} % where nobody joined late. So a request and its block were counted where they arrived, and neither where it was sent. Counted so, the peers got ${Math.min(...implied).toFixed(0)} to ${Math.max(...implied).toFixed(0)} % of their blocks from each other, and by our rules ${Math.min(...fromPeers).toFixed(0)} to ${Math.max(...fromPeers).toFixed(0)} %: their tracker gave some blocks more than once. That happens where two peers ask before a HAVE arrives; how long that took is not documented, so this is a reading and no proof.`,
    `With our engine time follows bytes, not blocks: the same 25 MiB among three peers take ${times.map((time) => time.toFixed(1)).join(', ')} s in 20, 100 and 200 blocks, where the earlier system takes ${publishedTimes.join(', ')} s.`,
  ];
}

function* run({ seeds }: Options): Run {
  const rebuilt: Rebuilt[] = [];
  const sameBlocks: Ours[] = [];
  const sameFile: Ours[] = [];
  const engineSeeds = Math.min(seeds, mostEngineSeeds);
  for (const each of published) {
    rebuilt.push(rebuild(each, seeds));
    sameBlocks.push(ours(each, null, engineSeeds));
    sameFile.push(ours(each, 25 * mebibyte, engineSeeds));
    yield rebuilt.length / published.length;
  }
  return report({ seeds, engineSeeds, rebuilt, sameBlocks, sameFile });
}

interface Results {
  readonly seeds: number;
  readonly engineSeeds: number;
  readonly rebuilt: readonly Rebuilt[];
  readonly sameBlocks: readonly Ours[];
  readonly sameFile: readonly Ours[];
}

function report({ seeds, engineSeeds, rebuilt, sameBlocks, sameFile }: Results): Report {
  const three = <T extends { peers: number }>(all: readonly T[]): T[] => all.filter(({ peers }) => peers === 3);
  return {
    experiment: 'blocks',
    world: `A tracker that is also the first seed, 3 and 5 peers, a block for each peer every 3 s; seeds 1 to ${seeds}. Our engine: one seed and as many leeches, uplinks of 1 MiB/s, ideal transport; seeds 1 to ${engineSeeds}. Intervals (±) hold the mean with 95 %.`,
    findings: findings(rebuilt, sameFile),
    tables: [
      rebuiltTable(rebuilt),
      readingsTable(rebuilt),
      oursTable('blocks-ours', 'Our engine with blocks of 256 KiB', sameBlocks),
      oursTable('blocks-same-file', 'Our engine with the same 25 MiB in more and more blocks', sameFile),
    ],
    charts: [
      {
        name: 'blocks-time',
        title: 'Time of three peers for 20, 100 and 200 blocks',
        x: 'blocks',
        y: 'seconds',
        series: [
          { name: 'published', points: three(published).map(({ blocks, seconds }) => [blocks, seconds]) },
          { name: 'rebuilt', points: three(rebuilt).map(({ blocks, perRun }) => [blocks, interval(perRun).mean]) },
          { name: 'ours, 256 KiB a block', points: three(sameBlocks).map(({ blocks, seconds }) => [blocks, interval(seconds).mean]) },
          { name: 'ours, 25 MiB in all', points: three(sameFile).map(({ blocks, seconds }) => [blocks, interval(seconds).mean]) },
        ],
      },
    ],
    records: [...rebuilt.flatMap(rebuiltRecords), ...[...sameBlocks, ...sameFile].flatMap(ourRecords)],
  };
}

function rebuiltRecords({ peers, blocks, seconds, perRun, ownSent, told, asked }: Rebuilt): Report['records'] {
  return perRun.map((took, i) => ({
    experiment: 'blocks',
    system: 'rebuilt',
    peers,
    blocks,
    seed: i + 1,
    seconds: took,
    publishedSeconds: seconds,
    meanSent: ownSent,
    meanTold: told,
    meanAsked: asked,
  }));
}

function ourRecords({ peers, blocks, fileMiB, seconds, messages }: Ours): Report['records'] {
  return seconds.map((took, i) => ({
    experiment: 'blocks',
    system: 'our engine',
    peers,
    blocks,
    fileMiB,
    seed: i + 1,
    seconds: took,
    messages: messages[i] ?? 0,
  }));
}

export const blocks: Experiment = {
  name: 'blocks',
  question: 'Does time follow the number of blocks, as with a timer for each block, or the bytes?',
  usualSeeds: 30,
  run,
};
