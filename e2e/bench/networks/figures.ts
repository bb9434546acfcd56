import { present } from '../../../shared/assert.ts';
import { median, type Figure } from '../figures.ts';
import { line, lineRate, type NetworkPath } from './paths.ts';

/** What one contestant did on one path. */
export interface Sample {
  /** 10^6 bytes a second. */
  readonly megabytesPerSecond: number;
  /** CPU of both browsers, per megabyte received. */
  readonly cpuMsPerMegabyte: number;
  /** From the receiver's wish to the first bytes that count. */
  readonly firstBytesSeconds: number;
  /** Median round trip from the sender's home meanwhile. */
  readonly pingMs: number;
  /** What a TCP stream on the sender's line got meanwhile, in 10^6 bytes a second; `null` where there was none. */
  readonly tcpMegabytesPerSecond: number | null;
}

/** The samples of each contestant on one path, by name. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** The one the aims are about. */
export const ours = 'Tabswarm';

const figureName = (path: NetworkPath, contestant: string, what: string): string => `${path.name}, ${contestant}: ${what}`;

export const goodputName = (path: NetworkPath, contestant: string): string => figureName(path, contestant, 'goodput');

function middle(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return median(samples.map(of));
}

/** Each contestant alone on the path, and how we stand to what we aim at. */
export function aloneFigures(path: NetworkPath, samples: Samples): Figure[] {
  return [...measured(samples).flatMap(([name, all]) => contestantFigures(path, name, all)), ...aimFigures(path, samples)];
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

function contestantFigures(path: NetworkPath, name: string, samples: readonly Sample[]): Figure[] {
  return [
    { name: goodputName(path, name), value: middle(samples, (sample) => sample.megabytesPerSecond), unit: 'MB/s' },
    { name: figureName(path, name, 'CPU of both browsers'), value: middle(samples, (sample) => sample.cpuMsPerMegabyte), unit: 'ms/MB' },
    { name: figureName(path, name, 'first bytes after'), value: middle(samples, (sample) => sample.firstBytesSeconds), unit: 's' },
    { name: figureName(path, name, "the sender's ping meanwhile"), value: middle(samples, (sample) => sample.pingMs), unit: 'ms' },
  ];
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

/** A third of the line is what a TCP stream that uploads over it must keep. */
const tcpShare = 0.33;

export function besideTcpFigures(path: NetworkPath, samples: Samples): Figure[] {
  return measured(samples).flatMap(([name, all]): Figure[] => {
    const tcp = middle(all, (sample) => sample.tcpMegabytesPerSecond ?? 0);
    const share: Figure = {
      name: figureName(path, name, "a TCP stream's share of the line"),
      value: tcp / present(lineRate(path), 'a TCP stream is measured where the line has a rate'),
      unit: 'x',
    };
    return [
      {
        name: figureName(path, name, 'goodput beside a TCP stream'),
        value: middle(all, (sample) => sample.megabytesPerSecond),
        unit: 'MB/s',
      },
      name === ours ? { ...share, target: { atLeast: tcpShare } } : share,
    ];
  });
}
