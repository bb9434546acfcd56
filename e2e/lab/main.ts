import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { csv } from '../../shared/lab/csv.ts';
import { experiments as simulated } from '../../shared/lab/experiments.ts';
import type { Experiment, Options, Report, Run } from '../../shared/lab/experiment.ts';
import { lineChart } from './line-chart.ts';
import { markdown } from './tables.ts';
import { tabs } from './tabs/tabs.ts';

const folder = 'e2e/lab';

/** A simulated experiment, or one that waits for real browsers. */
interface AnyExperiment extends Omit<Experiment, 'run'> {
  readonly run: (options: Options) => Run | AsyncGenerator<number, Report, void>;
}

const experiments: readonly AnyExperiment[] = [...simulated, tabs];

const names: readonly string[] = experiments.map(({ name }) => name);

/** What one experiment has in the report. */
interface Section {
  readonly name: string;
  readonly text: string;
}

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
 * they make their sections of the report again.
 * @throws Error for an experiment that nobody knows.
 */
export async function runExperiments({ names: wanted, seeds, out, print }: Request): Promise<void> {
  const chosen = wanted.length === 0 ? experiments : wanted.map(known);
  const target = out ?? join(folder, 'results');
  const reports: Report[] = [];
  for (const experiment of chosen) reports.push(await runOne(experiment, seeds ?? experiment.usualSeeds, target, print));
  if (out !== null || seeds !== null) return;
  const page = join(folder, 'REPORT.md');
  const earlier = wanted.length === 0 ? '' : readFileSync(page, 'utf8');
  writeFileSync(page, reportPage(reports.map(sectionOf), earlier));
  print(`Wrote ${page}.`);
}

function known(name: string): AnyExperiment {
  const found = experiments.find((experiment) => experiment.name === name);
  if (found === undefined) throw new Error(`There is no experiment "${name}". Choose one of: ${names.join(', ')}, swarm.`);
  return found;
}

async function runOne({ name, run }: AnyExperiment, seeds: number, target: string, print: (line: string) => void): Promise<Report> {
  const started = performance.now();
  const steps = run({ seeds });
  let step = await steps.next();
  while (step.done !== true) step = await steps.next();
  const report = step.value;
  write(report, target);
  for (const table of report.tables) print(`${markdown(table)}\n`);
  for (const finding of report.findings) print(`- ${finding}`);
  print(`\n${name}: ${((performance.now() - started) / 1000).toFixed(1)} s, files in ${target}\n`);
  return report;
}

/** Each experiment has a folder of its own. */
function write({ experiment, tables, charts, records }: Report, out: string): void {
  const target = join(out, experiment);
  mkdirSync(target, { recursive: true });
  for (const table of tables) writeFileSync(join(target, `${table.name}.csv`), csv(table));
  for (const chart of charts) writeFileSync(join(target, `${chart.name}.svg`), lineChart(chart));
  writeFileSync(join(target, `${experiment}.jsonl`), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

function sectionOf({ experiment, world, findings, tables, charts }: Report): Section {
  const pictures = charts.map(({ name, title }) => `![${title}](results/${experiment}/${name}.svg)`);
  const list = findings.map((each) => `- ${each}`).join('\n');
  const parts = [`*${known(experiment).question}* ${world}`, list, ...tables.map(markdown), ...pictures];
  return { name: experiment, text: parts.join('\n\n') };
}

/** The report with these sections, the others as they were in the earlier one. */
export function reportPage(sections: readonly Section[], earlier: string): string {
  const head = readFileSync(join(folder, 'report-head.md'), 'utf8').trim();
  const all = [...sections, ...sectionsIn(earlier)];
  const inOrder = names.flatMap((name) => all.find((section) => section.name === name) ?? []);
  return `${[head, ...inOrder.map(({ name, text }) => `## ${name}\n\n${text}`)].join('\n\n')}\n`;
}

function sectionsIn(page: string): Section[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((part) => ({ name: part.split('\n', 1)[0] ?? '', text: part.slice(part.indexOf('\n')).trim() }));
}
