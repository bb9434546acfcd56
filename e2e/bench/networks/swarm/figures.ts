import { present } from '../../../../shared/assert.ts';
import { type Figure, median } from '../../figures.ts';
import { lineRate, type NetworkPath } from '../paths.ts';

/** One seed and so many leeches, each on a line of its own. */
export interface Crowd {
  readonly leeches: number;
  readonly path: NetworkPath;
}

/** How one file went from a seed to all leeches. */
export interface SwarmSample {
  /** From everybody's wish to everything verified, each leech, the quickest first. */
  readonly leechSeconds: readonly number[];
  /** Bytes of blocks that the seed sent, over the file's. */
  readonly seedCopies: number;
  /** CPU of all browsers, per megabyte received. */
  readonly cpuMsPerMegabyte: number;
  /** What the browsers took of the machine's cores, 0 to 1; the delay boxes and the kernel's network come on top. */
  readonly browserShare: number;
  /** What everything on the machine took: near 1 the machine was the limit and not the lines. */
  readonly machineShare: number;
}

/** What the last leech may take over the bound, by the number of leeches. */
const timeAims: ReadonlyMap<number, number> = new Map([
  [3, 1.15],
  [8, 1.2],
]);
const seedAim = 1.3;

/** Of the largest frame that Chromium sends, the rest is Ethernet's, IP's, UDP's, DTLS's and SCTP's: seen on the wire. */
const payloadShare = 1144 / 1252;

/** The one the aims are about. */
const ours = 'Tabswarm';

/**
 * Nobody can have all of it sooner (Kumar and Ross, 2006): the seed sends every byte once, each leech's line takes all of it, and all uplinks
 * together carry a copy for each leech.
 */
export function boundSeconds({ leeches, path }: Crowd, bytes: number): number {
  const bytesPerSecond = 1e6 * present(lineRate(path), 'a swarm is measured where the lines have a rate');
  return Math.max(bytes / bytesPerSecond, (leeches * bytes) / ((leeches + 1) * bytesPerSecond));
}

/** The medians of one contestant, and what we aim at. */
export function swarmFigures(crowd: Crowd, contestant: string, samples: readonly SwarmSample[], bytes: number, runs: number): Figure[] {
  const name = (what: string): string => `1 → ${crowd.leeches}, ${crowd.path.name}, ${contestant}: ${what}`;
  const failed: Figure = { name: name('failed runs'), value: runs - samples.length, unit: '', target: { atMost: 0 } };
  if (samples.length === 0) return [failed];
  const middle = (of: (sample: SwarmSample) => number): number => median(samples.map(of));
  const aim = (atMost: number | undefined): Pick<Figure, 'target'> =>
    contestant === ours && atMost !== undefined ? { target: { atMost } } : {};
  const last = middle(({ leechSeconds }) => Math.max(...leechSeconds));
  const seedCopies = middle((sample) => sample.seedCopies);
  return [
    { name: name('first leech done'), value: middle(({ leechSeconds }) => Math.min(...leechSeconds)), unit: 's' },
    { name: name('last leech done'), value: last, unit: 's' },
    { name: name('last leech over the bound'), value: last / boundSeconds(crowd, bytes), unit: 'x', ...aim(timeAims.get(crowd.leeches)) },
    { name: name('last leech over the bound, headers counted'), value: (last * payloadShare) / boundSeconds(crowd, bytes), unit: 'x' },
    { name: name('sent by the seed, over the size'), value: seedCopies, unit: 'x', ...aim(seedAim) },
    { name: name('CPU of all browsers'), value: middle((sample) => sample.cpuMsPerMegabyte), unit: 'ms/MB' },
    { name: name('share of the cores, browsers'), value: middle((sample) => sample.browserShare), unit: 'x' },
    { name: name('share of the cores, everything'), value: middle((sample) => sample.machineShare), unit: 'x' },
    ...(samples.length < runs ? [failed] : []),
  ];
}
