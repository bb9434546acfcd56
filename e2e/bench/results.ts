import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { met, type Bench, type Figure, type Settings } from './figures.ts';

/** A figure as it is kept: one JSON line in `results/DATE.json`, never changed afterwards. */
export interface Result extends Figure {
  readonly bench: string;
  /** When its bench began; the same for all figures of one run. */
  readonly at: string;
  readonly commit: string;
  readonly machine: string;
  readonly mebibytes: number;
  readonly runs: number;
  /** How long a transfer was watched, where it was not as long as usual. */
  readonly seconds?: number | undefined;
  readonly met: boolean;
  /** Set where the figure was not written by the bench itself. */
  readonly note?: string;
}

export const resultsFolder = join('e2e', 'bench', 'results');

/** The settings whose figures may stand side by side. */
export const usualMebibytes = 256;
export const usualRuns = 3;

/** Runs a bench and appends what it measured to the file of today, part by part. A part that fails is said; the others go on. */
export async function measureAndKeep(bench: Bench, settings: Settings): Promise<Figure[]> {
  const at = new Date().toISOString();
  const all: Figure[] = [];
  const failures: unknown[] = [];
  for (const part of bench.parts?.(settings) ?? [settings]) {
    try {
      const figures = await bench.measure(part);
      if (figures.length > 0) keep(bench, at, part, figures);
      all.push(...figures);
    } catch (error) {
      console.error(`${bench.name}, ${JSON.stringify(part)}:`, error);
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} part(s) of ${bench.name} failed`);
  return all;
}

function keep(bench: Bench, at: string, { bytes, runs, seconds }: Settings, figures: readonly Figure[]): void {
  const circumstances = { at, commit: commit(), machine: machine(), mebibytes: bytes / 2 ** 20, runs, seconds };
  const lines = figures.map((figure) => JSON.stringify({ bench: bench.name, ...circumstances, ...figure, met: met(figure) }));
  appendFileSync(join(resultsFolder, `${at.slice(0, 10)}.json`), `${lines.join('\n')}\n`);
}

/** The short hash, with `-dirty` where anything but the results themselves has changed. */
function commit(): string {
  const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', '.', `:!${resultsFolder}`);
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '-dirty'}`;
}

function machine(): string {
  return `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}`;
}

/** All that was ever measured, the oldest first. */
export function readResults(): Result[] {
  const files = readdirSync(resultsFolder).filter((name) => name.endsWith('.json'));
  const lines = files.toSorted().flatMap((name) => readFileSync(join(resultsFolder, name), 'utf8').trim().split('\n'));
  return lines.map((line) => JSON.parse(line) as Result);
}

/** Figures of fewer runs or a shorter look are for trying something out. */
function isUsual({ mebibytes, runs, seconds }: Result): boolean {
  return mebibytes === usualMebibytes && runs >= usualRuns && seconds === undefined;
}

/** Of every figure of a bench its newest with the usual settings: a bench may be measured path by path. */
export function newestOf(bench: string, results: readonly Result[]): Result[] {
  const found = new Map<string, Result>();
  for (const result of results) {
    if (result.bench !== bench || !isUsual(result)) continue;
    if (result.at >= (found.get(result.name)?.at ?? '')) found.set(result.name, result);
  }
  return [...found.values()];
}

/** Of every bench the figures of its newest run with the usual settings, by name. */
export function newest(results: readonly Result[]): Map<string, Result> {
  const usual = results.filter(({ mebibytes }) => mebibytes === usualMebibytes);
  const lastRun = new Map<string, string>();
  for (const { bench, at } of usual) if (at >= (lastRun.get(bench) ?? '')) lastRun.set(bench, at);
  return new Map(usual.filter(({ bench, at }) => lastRun.get(bench) === at).map((result) => [result.name, result]));
}
