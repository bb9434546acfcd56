import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../harness/system/ports.ts';
import { cpuSeconds } from '../../harness/system/processes.ts';
import type { Lab } from '../../harness/lab.ts';
import type { Network } from '../../harness/networks/network.ts';
import { median } from '../figures.ts';
import { startPing, startTcpStream } from './beside.ts';
import type { Browsers } from './browsers.ts';
import type { Contestant, Transfer } from './contestants.ts';
import type { Sample, TcpSample } from './figures.ts';

export interface Conditions {
  readonly file: string;
  readonly bytes: number;
  /** How long the transfer is watched, from its first bytes on. */
  readonly seconds: number;
  /** A TCP stream uploads from the sender's home at the same time. */
  readonly besideTcp: boolean;
}

/** The beginning of a transfer: slow start, and the search for the number of connections. */
export const firstSeconds = 12;

/** What lasts: a file of 50 MB on a home's uplink. */
export const usualSeconds = 25;

const firstBytesLimitMs = 60_000;
const lookEveryMs = 50;

/** So long a TCP stream and the transfer settle before they are measured. */
const settleMs = 5000;

/** Runs one transfer between the two homes, with new pages. */
export async function run(lab: Lab, network: Network, browsers: Browsers, contestant: Contestant, conditions: Conditions): Promise<Sample> {
  const [seed, leech] = await browsers.newPages();
  const transfer = await contestant.prepare({ network, seed, leech, ...conditions });
  const roundTrips = await startPing(lab, network);
  const start = performance.now();
  await transfer.begin();
  await until(`The first bytes of ${contestant.name}`, firstBytesLimitMs, async () => (await transfer.received()) > 0);
  const firstBytesSeconds = (performance.now() - start) / 1000;
  const tcpBytes = conditions.besideTcp ? await startTcpStream(lab, network) : null;
  if (tcpBytes !== null) await sleep(settleMs);
  const watched = await watch(transfer, browsers, conditions, roundTrips, tcpBytes);
  return { firstBytesSeconds, ...watched, connections: (await transfer.connections?.()) ?? null };
}

/** The same line with nothing but a TCP stream on it, watched as long: what it gets, in 10^6 bytes a second, and the ping. */
export async function runTcpAlone(lab: Lab, network: Network, { seconds }: Conditions): Promise<TcpSample> {
  const roundTrips = await startPing(lab, network);
  const tcpBytes = await startTcpStream(lab, network);
  await sleep(settleMs);
  const before = { bytes: tcpBytes(), pings: roundTrips.length };
  await sleep(seconds * 1000);
  return { pingMs: median(roundTrips.slice(before.pings)), tcpMegabytesPerSecond: (tcpBytes() - before.bytes) / 1e6 / seconds };
}

async function watch(
  transfer: Transfer,
  { both }: Browsers,
  { bytes, seconds }: Conditions,
  roundTrips: readonly number[],
  tcpBytes: (() => number) | null,
): Promise<Omit<Sample, 'firstBytesSeconds' | 'connections'>> {
  const cpu = (): number => both.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  const before = { received: await transfer.received(), tcp: tcpBytes?.() ?? 0, cpu: cpu(), pings: roundTrips.length };
  const start = performance.now();
  let received = before.received;
  // Verified bytes come piece by piece: the time counts until the last of them came.
  let changedAt = start;
  const rate = (): number => (received === before.received ? 0 : (received - before.received) / 1000 / (changedAt - start));
  let firstMegabytesPerSecond: number | null = null;
  do {
    await sleep(lookEveryMs);
    const now = await transfer.received();
    if (now !== received) changedAt = performance.now();
    received = now;
    if (performance.now() - start >= firstSeconds * 1000) firstMegabytesPerSecond ??= rate();
  } while (received < bytes && performance.now() - start < seconds * 1000);
  const elapsed = (performance.now() - start) / 1000;
  const megabytes = (received - before.received) / 1e6;
  return {
    megabytesPerSecond: rate(),
    firstMegabytesPerSecond,
    cpuMsPerMegabyte: ((cpu() - before.cpu) * 1000) / megabytes,
    pingMs: median(roundTrips.slice(before.pings)),
    tcpMegabytesPerSecond: tcpBytes === null ? null : (tcpBytes() - before.tcp) / 1e6 / elapsed,
  };
}
