import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { experiments } from '../../shared/lab/experiments.ts';
import type { Experiment, Report } from '../../shared/lab/experiment.ts';
import { lineChart } from './line-chart.ts';
import { csv, markdown } from './tables.ts';

const folder = 'e2e/lab';

const names: readonly string[] = experiments.map(({ name }) => name);

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
 * Runs experiments, prints their tables and findings, and writes CSV, JSON lines and charts. All of them into their own folder, with their usual
 * seeds, make the report again.
 * @throws Error for an experiment that nobody knows.
 */
export function runExperiments({ names: wanted, seeds, out, print }: Request): void {
  const chosen = wanted.length === 0 ? experiments : wanted.map(known);
  const target = out ?? join(folder, 'results');
  mkdirSync(target, { recursive: true });
  const reports = chosen.map((experiment) => runOne(experiment, seeds ?? experiment.usualSeeds, target, print));
  if (out !== null || seeds !== null || wanted.length > 0) return;
  writeFileSync(join(folder, 'REPORT.md'), reportPage(reports));
  print(`Wrote ${join(folder, 'REPORT.md')}.`);
}

function known(name: string): Experiment {
  const found = experiments.find((experiment) => experiment.name === name);
  if (found === undefined) throw new Error(`There is no experiment "${name}". Choose one of: ${names.join(', ')}, swarm.`);
  return found;
}

function runOne({ name, run }: Experiment, seeds: number, target: string, print: (line: string) => void): Report {
  const started = performance.now();
  const steps = run({ seeds });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const report = step.value;
  write(report, target);
  for (const table of report.tables) print(`${markdown(table)}\n`);
  for (const finding of report.findings) print(`- ${finding}`);
  print(`\n${name}: ${((performance.now() - started) / 1000).toFixed(1)} s, files in ${target}\n`);
  return report;
}

function write({ experiment, tables, charts, records }: Report, target: string): void {
  for (const table of tables) writeFileSync(join(target, `${table.name}.csv`), csv(table));
  for (const chart of charts) writeFileSync(join(target, `${chart.name}.svg`), lineChart(chart));
  writeFileSync(join(target, `${experiment}.jsonl`), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

function reportPage(reports: readonly Report[]): string {
  const parts = reports.map(({ experiment, world, findings, tables, charts }) => {
    const question = known(experiment).question;
    const pictures = charts.map(({ name, title }) => `![${title}](results/${name}.svg)`);
    return [
      `## ${experiment}`,
      `*${question}* ${world}`,
      findings.map((each) => `- ${each}`).join('\n'),
      ...tables.map(markdown),
      ...pictures,
    ].join('\n\n');
  });
  const head = readFileSync(join(folder, 'report-head.md'), 'utf8').trim();
  return `${[head, ...parts].join('\n\n')}\n`;
}
