import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../harness/system/ports.ts';
import { cpuSeconds } from '../../harness/system/processes.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import { Lab } from '../../harness/lab.ts';
import type { Network } from '../../harness/networks/network.ts';
import { median } from '../figures.ts';
import { startPing, startTcpStream } from './beside.ts';
import type { Contestant, Transfer } from './contestants.ts';
import type { Sample } from './figures.ts';

export interface Conditions {
  readonly file: string;
  readonly bytes: number;
  /** How long the transfer is watched, from its first bytes on. */
  readonly seconds: number;
  /** A TCP stream uploads from the sender's home at the same time. */
  readonly besideTcp: boolean;
}

const firstBytesLimitMs = 60_000;
const lookEveryMs = 50;

/** So long a TCP stream and the transfer settle before they are measured. */
const settleMs = 5000;

/** Runs one transfer between the two homes, with fresh browsers that are gone afterwards. */
export async function run(network: Network, contestant: Contestant, conditions: Conditions): Promise<Sample> {
  const lab = new Lab();
  try {
    const [giver, taker] = network.homes;
    const browsers = [await network.browser(lab, giver.person), await network.browser(lab, taker.person)] as const;
    const [seed, leech] = [await browsers[0].page(), await browsers[1].page()];
    const transfer = await contestant.prepare({ network, seed, leech, ...conditions });
    const roundTrips = await startPing(lab, network);
    const start = performance.now();
    await transfer.begin();
    await until(`The first bytes of ${contestant.name}`, firstBytesLimitMs, async () => (await transfer.received()) > 0);
    const firstBytesSeconds = (performance.now() - start) / 1000;
    const tcpBytes = conditions.besideTcp ? await startTcpStream(lab, network) : null;
    if (tcpBytes !== null) await sleep(settleMs);
    return { firstBytesSeconds, ...(await watch(transfer, browsers, conditions, roundTrips, tcpBytes)) };
  } finally {
    await lab.close();
  }
}

async function watch(
  transfer: Transfer,
  browsers: readonly Chromium[],
  { bytes, seconds }: Conditions,
  roundTrips: readonly number[],
  tcpBytes: (() => number) | null,
): Promise<Omit<Sample, 'firstBytesSeconds'>> {
  const cpu = (): number => browsers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  const before = { received: await transfer.received(), tcp: tcpBytes?.() ?? 0, cpu: cpu(), pings: roundTrips.length };
  const start = performance.now();
  let received = before.received;
  // Verified bytes come piece by piece: the time counts until the last of them came.
  let changedAt = start;
  do {
    await sleep(lookEveryMs);
    const now = await transfer.received();
    if (now !== received) changedAt = performance.now();
    received = now;
  } while (received < bytes && performance.now() - start < seconds * 1000);
  const elapsed = (performance.now() - start) / 1000;
  const megabytes = (received - before.received) / 1e6;
  return {
    megabytesPerSecond: received === before.received ? 0 : (megabytes * 1000) / (changedAt - start),
    cpuMsPerMegabyte: ((cpu() - before.cpu) * 1000) / megabytes,
    pingMs: median(roundTrips.slice(before.pings)),
    tcpMegabytesPerSecond: tcpBytes === null ? null : (tcpBytes() - before.tcp) / 1e6 / elapsed,
  };
}
