import type { Path } from '../../harness/networks/home.ts';

/** What we aim at on a path: a ratio of our goodput. */
interface Aim {
  /** The contestant to compare with, or the line's rate. */
  readonly over: string;
  readonly atLeast: number;
}

/** A way between two people, as the whole of it measures. */
export interface NetworkPath extends Path {
  readonly name: string;
  readonly aims: readonly Aim[];
  /** What a megabyte may cost us over what it costs one raw connection. */
  readonly cpuAtMost?: number;
  /** A TCP stream that uploads from the same home keeps a third of the line. */
  readonly tcpKeepsShare?: boolean;
}

/** Stands for the line's rate where a contestant is named. */
export const line = 'the line';

/** The name says everything, in the units of the trade. */
export function path(roundTripMs: number, lossPercent: number, mbitPerSecond: number, aims: readonly Aim[] = []): NetworkPath {
  const loss = lossPercent === 0 ? 'no loss' : `${lossPercent} % loss`;
  const rate = mbitPerSecond === 0 ? 'no limit' : `${mbitPerSecond} Mbit/s`;
  return { name: `${roundTripMs} ms · ${loss} · ${rate}`, roundTripMs, lossPercent, mbitPerSecond, aims };
}

/** A home's uplink, where others want their share of it. */
export const homeUplink: NetworkPath = {
  ...path(40, 0, 20, [
    { over: line, atLeast: 0.85 },
    { over: 'WebTorrent', atLeast: 1.3 },
  ]),
  cpuAtMost: 1.3,
  tcpKeepsShare: true,
};

/** Another continent, with a loss now and then. */
export const farPath = path(100, 0.1, 50, [
  { over: line, atLeast: 0.7 },
  { over: 'WebTorrent', atLeast: 8 },
]);

export const paths: readonly NetworkPath[] = [
  path(0, 0, 0),
  path(20, 1, 20, [{ over: '16 raw connections', atLeast: 0.85 }]),
  homeUplink,
  path(40, 0, 0),
  path(40, 0.5, 0, [{ over: '16 raw connections', atLeast: 0.85 }]),
  farPath,
  path(200, 0.01, 100, [{ over: line, atLeast: 0.6 }]),
];

/** The line's rate in 10^6 bytes a second, `null` without a limit. */
export function lineRate({ mbitPerSecond }: NetworkPath): number | null {
  return mbitPerSecond === 0 ? null : mbitPerSecond / 8;
}
