import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { until } from '../system/ports.ts';
import type { Namespace } from './namespace.ts';

/** An end of the wire: an interface that the box makes, in a namespace that exists. */
export interface WireEnd {
  readonly namespace: Namespace;
  readonly interface: string;
}

/** What the wire does to each direction. */
export interface Wire {
  readonly delayMs: number;
  readonly lossPercent: number;
  readonly mbitPerSecond: number;
  /** Which frames are lost follows from it. */
  readonly seed: number;
}

/** Compiles the box into `directory` and returns its path. */
export function buildDelayBox(directory: string): string {
  const program = join(directory, 'delay-box');
  execFileSync('cc', ['-O2', '-o', program, join('e2e', 'harness', 'networks', 'delay-box.c')]);
  return program;
}

/** Lays a wire between two namespaces. It is there until its process ends. */
export async function startDelayBox(program: string, a: WireEnd, b: WireEnd, wire: Wire): Promise<ChildProcess> {
  const ends = [a, b].flatMap((end) => [end.namespace.name, end.interface]);
  const numbers = [wire.delayMs, wire.lossPercent, wire.mbitPerSecond, wire.seed].map(String);
  const child = spawn(program, [...ends, ...numbers], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  await until(`The delay box of ${a.interface}`, 5000, () => {
    if (child.exitCode !== null) throw new Error(`the delay box ended with code ${child.exitCode}`);
    return said.includes('ready');
  });
  return child;
}
