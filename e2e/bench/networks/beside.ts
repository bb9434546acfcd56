import { join } from 'node:path';
import type { Lab } from '../../harness/lab.ts';
import { end, type Network, said } from '../../harness/networks/network.ts';

/** What others on the sender's line have of it while a transfer runs. */
const folder = join('e2e', 'bench', 'networks');
const pingPort = 9000;
const streamPort = 9001;

/** Round trips from the sender's home to the internet, in milliseconds, as they come. */
export async function startPing(lab: Lab, network: Network): Promise<readonly number[]> {
  const script = join(folder, 'udp-ping.js');
  const echo = network.internet.start(process.execPath, [script, 'echo', String(pingPort)]);
  lab.own(() => end(echo));
  await said(echo, 'ready');
  const ping = network.homes[0].person.start(process.execPath, [script, 'ping', network.internetAddress, String(pingPort)]);
  lab.own(() => end(ping));
  const roundTrips: number[] = [];
  ping.stdout?.on('data', (chunk) => roundTrips.push(...numbers(chunk)));
  return roundTrips;
}

/** A TCP connection that uploads from the sender's home. The function says how many bytes have come. */
export async function startTcpStream(lab: Lab, network: Network): Promise<() => number> {
  const script = join(folder, 'tcp-stream.js');
  const receiver = network.internet.start(process.execPath, [script, 'receive', String(streamPort)]);
  lab.own(() => end(receiver));
  await said(receiver, 'ready');
  let bytes = 0;
  receiver.stdout?.on('data', (chunk) => (bytes = numbers(chunk).at(-1) ?? bytes));
  const sender = network.homes[0].person.start(process.execPath, [script, 'send', network.internetAddress, String(streamPort)]);
  lab.own(() => end(sender));
  return () => bytes;
}

/** The pipe hands over whole lines: each is written at once and is short. */
function numbers(chunk: unknown): number[] {
  return String(chunk)
    .split('\n')
    .filter((line) => /^[\d.]+$/.test(line))
    .map(Number);
}
