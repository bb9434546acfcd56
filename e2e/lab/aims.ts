import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Aim, type AimRun, aimOptions, aims, aimTable, missingRuns, policies, type PolicyName } from '../../shared/lab/aims.ts';
import { measureSwarm } from '../../shared/lab/measure-swarm.ts';

const resultsPath = 'e2e/lab/results/aims.jsonl';
const readmePath = 'shared/lab/README.md';
const begin = '<!-- aims: written by npm run lab -- aims -->';
const end = '<!-- end of aims -->';

interface Request {
  readonly first: number;
  readonly seeds: number;
  /** Worlds whose names contain this. */
  readonly world: string;
  readonly policy: string;
  /** Forgets what was kept of these worlds and this policy: the engine has changed. */
  readonly isFresh: boolean;
  readonly print: (line: string) => void;
}

/**
 * Runs the worlds of the aims, seed by seed, keeps each run as a line of JSON, and writes the README's table. Runs that were kept are not
 * repeated, so an end in the middle costs one run, and several commands may work at once. With no seeds it only writes the table.
 * @throws Error for a world or a policy that nobody knows.
 */
export function runAims({ first, seeds, world, policy, isFresh, print }: Request): void {
  const name = policyNamed(policy);
  const chosen = aims.filter((aim) => aim.world.includes(world));
  if (chosen.length === 0) throw new Error(`No world has "${world}" in its name. There are: ${aims.map((aim) => aim.world).join('; ')}.`);
  if (isFresh) writeRuns(readRuns().filter((run) => run.policy !== name || !chosen.some((aim) => aim.world === run.world)));
  const all = Array.from({ length: seeds }, (_, at) => first + at);
  for (const { aim, seed } of missingRuns(chosen, name, all, readRuns())) runOnce(aim, name, seed, print);
  writeFileSync(readmePath, readmeWithAims());
  print(`Wrote ${readmePath}.`);
}

function runOnce(aim: Aim, policy: PolicyName, seed: number, print: (line: string) => void): void {
  const { user, system } = process.cpuUsage();
  const figures = measureSwarm(aimOptions(aim, policy), seed);
  const used = process.cpuUsage({ user, system });
  const kept: AimRun = { world: aim.world, policy, ...figures };
  appendFileSync(resultsPath, `${JSON.stringify(kept)}\n`);
  print(
    `${aim.world}, ${policy}, seed ${seed}: ${figures.lastOverBound.toFixed(3)} (${((used.user + used.system) / 1e6).toFixed(1)} s CPU)`,
  );
}

function policyNamed(name: string): PolicyName {
  const known = Object.keys(policies) as PolicyName[];
  const found = known.find((policy) => policy === name);
  if (found === undefined) throw new Error(`There is no policy "${name}". There are: ${known.join(', ')}.`);
  return found;
}

function readRuns(): AimRun[] {
  if (!existsSync(resultsPath)) return [];
  const lines = readFileSync(resultsPath, 'utf8').trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

function writeRuns(runs: readonly AimRun[]): void {
  writeFileSync(resultsPath, runs.map((run) => `${JSON.stringify(run)}\n`).join(''));
}

/** The README as it must be: the kept runs between its markers. */
export function readmeWithAims(): string {
  const readme = readFileSync(readmePath, 'utf8');
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${readmePath} has lost its markers ${begin} and ${end}`);
  return `${readme.slice(0, from)}${begin}\n\n${padded(aimTable(readRuns()))}\n\n${readme.slice(to)}`;
}

/** A Markdown table with columns of even width, as the formatter leaves it. */
function padded(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill: string): string =>
    `| ${widths.map((width, at) => (cells[at] ?? '').padEnd(width, fill)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head, ' '), line([], '-'), ...body.map((row) => line(row, ' '))].join('\n');
}
