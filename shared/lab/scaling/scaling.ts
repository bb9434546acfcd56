import { clientServerMs, fluidMs, piecesMs } from '../../sim/check/bounds.ts';
import { idealCrowd, mebibyte } from '../../sim/scenarios/scenarios.ts';
import { chunkBytes, runEngine } from '../engine-run.ts';
import type { Experiment, Options, Point, Report, Run } from '../experiment.ts';
import { interval, shownInterval } from '../statistics.ts';

const peerCounts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const pieceCount = 64;
/** With 21 to 100 leeches. */
const mediumSeeds = 10;

/** Large swarms take long and differ little between seeds. */
function seedsFor(peers: number, seeds: number): number {
  if (peers <= 20) return seeds;
  return peers <= 100 ? Math.min(seeds, mediumSeeds) : 1;
}

interface Size {
  readonly peers: number;
  readonly seeds: number;
  /** Seconds. */
  readonly clientServer: number;
  readonly fluid: number;
  readonly pieces: number;
  readonly swarm: readonly number[];
  readonly seedFiles: number;
}

function measure(peers: number, seeds: number): Size {
  const fileBytes = pieceCount * chunkBytes;
  const share = { fileBytes, seedUp: mebibyte, leechUps: Array.from({ length: peers }, () => mebibyte), leastDown: Infinity };
  const runs = Array.from({ length: seeds }, (_, i) => runEngine(idealCrowd(peers, pieceCount), i + 1));
  return {
    peers,
    seeds,
    clientServer: clientServerMs(share) / 1000,
    fluid: fluidMs(share) / 1000,
    pieces: piecesMs(fileBytes, mebibyte, peers, pieceCount) / 1000,
    swarm: runs.map(({ endedMs }) => endedMs / 1000),
    seedFiles: interval(runs.map(({ seedFiles }) => seedFiles)).mean,
  };
}

function* run({ seeds }: Options): Run {
  const sizes: Size[] = [];
  for (const peers of peerCounts) {
    sizes.push(measure(peers, seedsFor(peers, seeds)));
    yield peers / peerCounts.reduce((sum, each) => sum + each, 0) / 2 + sizes.length / peerCounts.length / 2;
  }
  return report(seeds, sizes);
}

function report(seeds: number, sizes: readonly Size[]): Report {
  const line = (of: (size: Size) => number): Point[] => sizes.map((size) => [size.peers, of(size)]);
  const swarm = (size: Size): number => interval(size.swarm).mean;
  const [first, last] = [sizes[0], sizes.at(-1)];
  const grown = (of: (size: Size) => number): string =>
    first === undefined || last === undefined ? '' : String(Number((of(last) / of(first)).toFixed(1)));
  // Flat: with a thousand times as many people it takes at most twice as long.
  const isFlat = first !== undefined && last !== undefined && swarm(last) <= 2 * swarm(first);
  return {
    experiment: 'scaling',
    world: `One seed and N leeches that start together, ${pieceCount} pieces of 256 KiB, uplinks of 1 MiB/s, downlinks without limit, ideal transport; seeds 1 to ${seeds} up to 20 leeches, at most ${mediumSeeds} up to 100, then 1. Intervals (±) hold the mean with 95 %; a single run has none.`,
    findings: [
      `"A server needs time in proportion to the number of people, a swarm hardly more for many than for one": ${isFlat ? 'confirmed' : 'refuted'}. From ${first?.peers} to ${last?.peers} leeches the time of client–server grows ${grown(({ clientServer }) => clientServer)} times, that of our swarm ${grown(swarm)} times.`,
      `The last of ${last?.peers} leeches is done after ${((last === undefined ? NaN : swarm(last)) / (last?.pieces ?? NaN)).toFixed(2)} × the bound for ${pieceCount} pieces, and the seed has sent ${last?.seedFiles.toFixed(2)} files. A piece goes from peer to peer ten times until a thousand have it, so few pieces cost time; worlds with 512 pieces are in shared/lab/README.md.`,
    ],
    tables: [
      {
        name: 'scaling',
        title: `Seconds until the last leech has everything, ${pieceCount} pieces`,
        columns: [
          'N',
          'seeds',
          'client–server',
          'fluid bound',
          `bound for ${pieceCount} pieces`,
          'our swarm',
          'over that bound',
          'files the seed sent',
        ],
        rows: sizes.map((size) => [
          size.peers,
          size.seeds,
          size.clientServer.toFixed(1),
          size.fluid.toFixed(1),
          size.pieces.toFixed(1),
          shownInterval(interval(size.swarm), 1),
          (swarm(size) / size.pieces).toFixed(2),
          size.seedFiles.toFixed(2),
        ]),
      },
    ],
    charts: [
      {
        name: 'scaling',
        title: 'Distribution time against the number of leeches',
        x: 'leeches',
        y: 'seconds',
        log: { x: true, y: true },
        series: [
          { name: 'client–server', points: line(({ clientServer }) => clientServer) },
          { name: 'fluid bound', points: line(({ fluid }) => fluid) },
          { name: 'our swarm', points: line(swarm) },
        ],
      },
    ],
    records: sizes.flatMap((size) =>
      size.swarm.map((seconds, i) => ({
        experiment: 'scaling',
        peers: size.peers,
        seed: i + 1,
        seconds,
        fluid: size.fluid,
        bound: size.pieces,
      })),
    ),
  };
}

export const scaling: Experiment = {
  name: 'scaling',
  question: 'How does distribution time grow with the number of people, from a server and in a swarm?',
  usualSeeds: 30,
  run,
};
