import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './chart.ts';
import { markdownTable, shown, shownTarget } from './figures.ts';
import { networksChart, networksTable } from './networks/chart.ts';
import { newest, newestOf, readResults, resultsFolder, type Result } from './results.ts';

/** The README's rows. Several figures in one row are written with slashes. */
const rows: readonly (readonly [what: string, ...figures: readonly string[]])[] = [
  ['Goodput, over the raw data channel', '1 → 1 goodput over the raw channel'],
  [
    'Goodput, over WebTorrent: defaults / memory store',
    '1 → 1 goodput over WebTorrent, defaults',
    '1 → 1 goodput over WebTorrent, memory store',
  ],
  ['CPU per megabyte, over the raw data channel', '1 → 1 CPU per MB over the raw channel'],
  ['One seed, three leeches: time, over WebTorrent’s defaults', '1 → 3 time over WebTorrent, defaults'],
  ['Goodput of a seed in a hidden tab, over a visible one', 'hidden over visible goodput'],
  ['From opening a link to the first verified piece', 'link opened to first verified piece'],
  ['Publishing 1 GiB, over SubtleCrypto on the same bytes in memory', 'publishing over SubtleCrypto'],
  [
    '1 GiB sent / received: peak memory, over an empty page',
    '1 GiB sent: peak memory of the seed over an empty page',
    '1 GiB received: peak memory of the leech over an empty page',
  ],
  ['1 GiB received: tasks over 50 ms on the page', '1 GiB received: main-thread tasks over 50 ms'],
  ['JavaScript of the page before interaction, gzip', 'JavaScript of the page before interaction, gzip'],
  ['Tracker, 5,000 connections: announces/s, over bittorrent-tracker', '5000 connections: announces/s over bittorrent-tracker'],
  ['… with five offers each', '5000 connections: with five offers over bittorrent-tracker'],
  ['… delay of a relayed offer at 1,000 announces/s, 99th percentile', 'delay of a relayed offer, p99'],
];

const chartPath = join(resultsFolder, 'chart.svg');

const networksChartPath = join(resultsFolder, 'networks.svg');

const begin = '<!-- figures: written by npm run bench:report -->';
const end = '<!-- end of figures -->';
const networksBegin = '<!-- networks: written by npm run bench:report -->';
const networksEnd = '<!-- end of networks -->';

function figure(found: ReadonlyMap<string, Result>, name: string): Result {
  const result = found.get(name);
  if (result === undefined) throw new Error(`no run with the usual settings has "${name}"`);
  return result;
}

/** What stands between the README's markers: the table and where its figures come from. */
function readmeFigures(results: readonly Result[]): string {
  const found = newest(results);
  const used = rows.map(([what, ...names]) => ({ what, figures: names.map((name) => figure(found, name)) }));
  const body = used.map(({ what, figures }) => [what, measured(figures), slashed(figures.map(shownTarget))]);
  return `${markdownTable([['what', 'measured', 'target'], ...body])}\n\n${source(used.flatMap(({ figures }) => figures))}`;
}

function measured(figures: readonly Result[]): string {
  const values = slashed(figures.map(({ value, unit }) => shown(value, unit)));
  return figures.every(({ met }) => met) ? values : `${values} (missed)`;
}

/** `1.57 × / 1.29 ×` as `1.57 / 1.29 ×`, and one of what is the same twice. */
function slashed(parts: readonly string[]): string {
  const different = [...new Set(parts)];
  const unit = / \S+$/.exec(different.at(-1) ?? '')?.[0] ?? '';
  return different
    .map((part, at) => (at < different.length - 1 && part.endsWith(unit) ? part.slice(0, part.length - unit.length) : part))
    .join(' / ');
}

function source(used: readonly Result[]): string {
  const days = used.map(({ at }) => at.slice(0, 10)).toSorted();
  const [first = '', last = first] = [days[0], days.at(-1)];
  const span = first === last ? first : `${first} to ${last}`;
  const machines = [...new Set(used.map(({ machine }) => machine))].join('; ');
  return `Newest run of each bench, ${span}; ${machines}.`;
}

/** Goodput over networks; a sentence where they were not measured. */
function readmeNetworks(results: readonly Result[]): string {
  if (results.length === 0) return 'Networks with delay, loss and a rate were not measured yet: `npm run bench -- networks`.';
  const text = 'Goodput in MB/s over networks with delay, loss and a rate, a NAT on each side; the dashed line is the rate.';
  return `${text}\n\n![Goodput by network path](${networksChartPath})\n\n${networksTable(results)}\n\n${source(results)}`;
}

function between(start: string, stop: string, readme: string, text: string): string {
  const [from, to] = [readme.indexOf(start), readme.indexOf(stop)];
  if (from === -1 || to < from) throw new Error(`README.md has lost its markers ${start} and ${stop}`);
  return `${readme.slice(0, from)}${start}\n\n${text}\n\n${readme.slice(to)}`;
}

/** README and chart as they must be: path and text. */
export function reported(): Map<string, string> {
  const results = readResults();
  const networks = newestOf('networks', results);
  const figures = between(begin, end, readFileSync('README.md', 'utf8'), readmeFigures(results));
  return new Map([
    ['README.md', between(networksBegin, networksEnd, figures, readmeNetworks(networks))],
    [chartPath, chart(newest(results))],
    ...(networks.length === 0 ? [] : [[networksChartPath, networksChart(networks)] as const]),
  ]);
}

/** Writes the newest results into the README's table and the chart beside it. */
export function report(): void {
  for (const [path, text] of reported()) writeFileSync(path, text);
}
