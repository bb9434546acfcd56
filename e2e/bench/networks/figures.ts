import { present } from '../../../shared/assert.ts';
import { median, type Figure } from '../figures.ts';
import { line, lineRate, type NetworkPath } from './paths.ts';

/** What one contestant did on one path. */
export interface Sample {
  /** 10^6 bytes a second. */
  readonly megabytesPerSecond: number;
  /** The same of the first 12 s; `null` where it did not last so long. */
  readonly firstMegabytesPerSecond: number | null;
  /** CPU of both browsers, per megabyte received. */
  readonly cpuMsPerMegabyte: number;
  /** From the receiver's wish to the first bytes that count. */
  readonly firstBytesSeconds: number;
  /** Median round trip from the sender's home meanwhile. */
  readonly pingMs: number;
  /** What a TCP stream on the sender's line got meanwhile, in 10^6 bytes a second; `null` where there was none. */
  readonly tcpMegabytesPerSecond: number | null;
  /** Open at the end; `null` where the contestant does not choose how many. */
  readonly connections: number | null;
}

/** A TCP stream that had the line for itself. */
export interface TcpSample {
  readonly pingMs: number;
  readonly tcpMegabytesPerSecond: number;
}

/** The samples of each contestant on one path, by name. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** The one the aims are about. */
export const ours = 'Tabswarm';

const figureName = (path: NetworkPath, contestant: string, what: string): string => `${path.name}, ${contestant}: ${what}`;

export const goodputName = (path: NetworkPath, contestant: string): string => figureName(path, contestant, 'goodput');

export const firstGoodputName = (path: NetworkPath, contestant: string): string =>
  figureName(path, contestant, 'goodput of the first 12 s');

function middle(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return median(samples.map(of));
}

/** Each contestant alone on the path, and how we stand to what we aim at. */
export function aloneFigures(path: NetworkPath, samples: Samples): Figure[] {
  const each = measured(samples).flatMap(([name, all]) => contestantFigures(path, name, all));
  return [...each, ...aimFigures(path, samples), ...cpuFigures(path, samples)];
}

/** Without those of whom every run failed. */
function measured(samples: Samples): (readonly [string, readonly Sample[]])[] {
  return [...samples].filter(([, all]) => all.length > 0);
}

/** How many runs failed, of those of whom any did. */
export function failedRunsFigures(path: NetworkPath, where: string, samples: Samples, runs: number): Figure[] {
  return [...samples].flatMap(([name, all]): Figure[] => {
    if (all.length === runs) return [];
    return [{ name: figureName(path, name, `failed runs ${where}`), value: runs - all.length, unit: '', target: { atMost: 0 } }];
  });
}

/** What a megabyte costs with as few connections as possible; more of them cost more, and where they bring nothing they should be closed. */
const cpuBaseline = '1 raw connection';

const cpuName = (path: NetworkPath, contestant: string): string => figureName(path, contestant, 'CPU of both browsers');

function cpuFigures(path: NetworkPath, samples: Samples): Figure[] {
  const cpu = (name: string): number[] => (samples.get(name) ?? []).map((sample) => sample.cpuMsPerMegabyte);
  const [own, other] = [cpu(ours), cpu(cpuBaseline)];
  if (own.length === 0 || other.length === 0) return [];
  const ratio: Figure = { name: figureName(path, ours, `CPU per MB over ${cpuBaseline}`), value: median(own) / median(other), unit: 'x' };
  return [path.cpuAtMost === undefined ? ratio : { ...ratio, target: { atMost: path.cpuAtMost } }];
}

/** Our CPU per megabyte over that of one raw connection, from kept figures; `null` where either was not measured. */
export function cpuRatio(path: NetworkPath, figures: readonly Figure[]): number | null {
  const cpu = (contestant: string): number | undefined => figures.find(({ name }) => name === cpuName(path, contestant))?.value;
  const [own, other] = [cpu(ours), cpu(cpuBaseline)];
  return own === undefined || other === undefined ? null : own / other;
}

function goodputFigure(path: NetworkPath, name: string, samples: readonly Sample[]): Figure {
  return { name: goodputName(path, name), value: middle(samples, (sample) => sample.megabytesPerSecond), unit: 'MB/s' };
}

function firstGoodputFigures(path: NetworkPath, name: string, samples: readonly Sample[]): Figure[] {
  const rates = samples.flatMap(({ firstMegabytesPerSecond }) => firstMegabytesPerSecond ?? []);
  return rates.length === 0 ? [] : [{ name: firstGoodputName(path, name), value: median(rates), unit: 'MB/s' }];
}

function pingFigure(path: NetworkPath, name: string, samples: readonly Sample[]): Figure {
  return { name: figureName(path, name, "the sender's ping meanwhile"), value: middle(samples, (sample) => sample.pingMs), unit: 'ms' };
}

function contestantFigures(path: NetworkPath, name: string, samples: readonly Sample[]): Figure[] {
  return [
    goodputFigure(path, name, samples),
    ...firstGoodputFigures(path, name, samples),
    { name: cpuName(path, name), value: middle(samples, (sample) => sample.cpuMsPerMegabyte), unit: 'ms/MB' },
    { name: figureName(path, name, 'first bytes after'), value: middle(samples, (sample) => sample.firstBytesSeconds), unit: 's' },
    pingFigure(path, name, samples),
    ...connectionFigures(path, name, samples),
  ];
}

function connectionFigures(path: NetworkPath, name: string, samples: readonly Sample[]): Figure[] {
  const counts = samples.flatMap(({ connections }) => connections ?? []);
  return counts.length === 0 ? [] : [{ name: figureName(path, name, 'connections at the end'), value: median(counts), unit: '' }];
}

function aimFigures(path: NetworkPath, samples: Samples): Figure[] {
  const goodput = (name: string): number | null => {
    if (name === line) return lineRate(path);
    const all = samples.get(name);
    return all === undefined || all.length === 0 ? null : middle(all, (sample) => sample.megabytesPerSecond);
  };
  const own = goodput(ours);
  return path.aims.flatMap(({ over, atLeast }) => {
    const other = goodput(over);
    if (own === null || other === null) return [];
    return { name: figureName(path, ours, `goodput over ${over}`), value: own / other, unit: 'x' as const, target: { atLeast } };
  });
}

/** Goodput and round trips of the transfers that had the line for themselves. */
export function pingFigures(path: NetworkPath, samples: Samples): Figure[] {
  return measured(samples).flatMap(([name, all]) => [goodputFigure(path, name, all), pingFigure(path, name, all)]);
}

/** A third of a home's line is what a TCP stream that uploads over it must keep. */
const tcpShare = 0.33;

/** What a TCP stream got beside each contestant, of the line and of what it got alone: with loss and a long way it gets little by itself. */
export function besideTcpFigures(path: NetworkPath, samples: Samples, alone: readonly TcpSample[]): Figure[] {
  const lineMegabytes = present(lineRate(path), 'a TCP stream is measured where the line has a rate');
  const tcpAlone = alone.length === 0 ? null : median(alone.map(({ tcpMegabytesPerSecond }) => tcpMegabytesPerSecond));
  const beside = measured(samples).flatMap(([name, all]): Figure[] => {
    const tcp = middle(all, (sample) => sample.tcpMegabytesPerSecond ?? 0);
    const goodput = middle(all, (sample) => sample.megabytesPerSecond);
    const share: Figure = { name: figureName(path, name, "a TCP stream's share of the line"), value: tcp / lineMegabytes, unit: 'x' };
    const figures: Figure[] = [
      { name: figureName(path, name, 'goodput beside a TCP stream'), value: goodput, unit: 'MB/s' },
      name === ours && path.tcpKeepsShare === true ? { ...share, target: { atLeast: tcpShare } } : share,
    ];
    if (tcpAlone !== null) figures.push({ name: figureName(path, name, 'a TCP stream over one alone'), value: tcp / tcpAlone, unit: 'x' });
    return figures;
  });
  return tcpAlone === null ? beside : [...tcpAloneFigures(path, tcpAlone, alone), ...beside];
}

function tcpAloneFigures(path: NetworkPath, megabytesPerSecond: number, alone: readonly TcpSample[]): Figure[] {
  return [
    { name: goodputName(path, 'a TCP stream alone'), value: megabytesPerSecond, unit: 'MB/s' },
    {
      name: figureName(path, 'a TCP stream alone', "the sender's ping meanwhile"),
      value: median(alone.map(({ pingMs }) => pingMs)),
      unit: 'ms',
    },
  ];
}
