import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { csv } from '../../shared/lab/csv.ts';
import type { Report } from '../../shared/lab/experiment.ts';
import { experimentOf, experiments, longestFirst, measuredByClock } from './experiments.ts';
import { lineChart } from './line-chart.ts';
import { runInOwnProcess } from './own-process.ts';
import { Progress } from './progress.ts';
import { type Section, withSections } from './report-page.ts';
import { markdown } from './tables.ts';

const folder = 'e2e/lab';

interface Request {
  /** Empty: all of them. */
  readonly names: readonly string[];
  /** `null`: the number that each experiment usually takes. */
  readonly seeds: number | null;
  /** `null`: the folder of the committed report. */
  readonly out: string | null;
  /** Takes lines for people. */
  readonly print: (line: string) => void;
}

/**
 * Runs experiments, prints their tables and findings, and writes CSV, JSON lines and charts. Into their own folder, with their usual seeds,
 * they make their sections of the report again. What one found is written before the next ends.
 * @throws Error for an experiment that nobody knows, and in the end if one failed.
 */
export async function runExperiments({ names, seeds, out, print }: Request): Promise<void> {
  const chosen = names.length === 0 ? experiments : names.map(experimentOf);
  const progress = new Progress(print);
  const failed: string[] = [];
  const runOne = async ({ name, usualSeeds }: (typeof chosen)[number]): Promise<void> => {
    progress.started(name);
    try {
      const report = await runInOwnProcess(name, seeds ?? usualSeeds, (share) => progress.reached(name, share));
      writeFiles(report, out ?? join(folder, 'results'));
      if (out === null && seeds === null) writeSection(report);
      for (const table of report.tables) print(`${markdown(table)}\n`);
      for (const finding of report.findings) print(`- ${finding}`);
      progress.ended(name, 'done');
    } catch (error) {
      failed.push(name);
      progress.ended(name, `failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  try {
    const simulated = chosen.filter(({ name }) => !measuredByClock.has(name));
    const inOrder = simulated.toSorted((a, b) => longestFirst.indexOf(a.name) - longestFirst.indexOf(b.name));
    await atOnce(inOrder, availableParallelism(), runOne);
    const byClock = chosen.filter(({ name }) => measuredByClock.has(name));
    await atOnce(byClock, 1, runOne);
  } finally {
    progress.stop();
  }
  if (failed.length > 0) throw new Error(`Failed: ${failed.join(', ')}. What the report says of them is from an earlier run.`);
}

/** At most `count` works at a time, in order. */
async function atOnce<Item>(items: readonly Item[], count: number, work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
}

/** Each experiment has a folder of its own. */
function writeFiles({ experiment, tables, charts, records }: Report, out: string): void {
  const target = join(out, experiment);
  mkdirSync(target, { recursive: true });
  for (const table of tables) writeFileSync(join(target, `${table.name}.csv`), csv(table));
  for (const chart of charts) writeFileSync(join(target, `${chart.name}.svg`), lineChart(chart));
  writeFileSync(join(target, `${experiment}.jsonl`), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

function writeSection(report: Report): void {
  const page = join(folder, 'REPORT.md');
  const head = readFileSync(join(folder, 'report-head.md'), 'utf8').trim();
  const order = experiments.map(({ name }) => name);
  writeFileSync(page, withSections(head, order, [sectionOf(report)], readFileSync(page, 'utf8')));
}

function sectionOf({ experiment, world, findings, tables, charts }: Report): Section {
  const pictures = charts.map(({ name, title }) => `![${title}](results/${experiment}/${name}.svg)`);
  const list = findings.map((each) => `- ${each}`).join('\n');
  const parts = [`*${experimentOf(experiment).question}* ${world}`, list, ...tables.map(markdown), ...pictures];
  return { name: experiment, text: parts.join('\n\n') };
}
