import { parseArgs } from 'node:util';
import { provideBrowsers } from '../harness/system/installed.ts';
import { firstPiece } from './browser/first-piece.ts';
import { hiddenSeed } from './browser/hidden-seed.ts';
import { saveLarge } from './browser/save-large.ts';
import { labPage } from './browser/lab-page.ts';
import { largeReceive } from './browser/large-receive.ts';
import { longLists } from './browser/long-lists.ts';
import { media } from './browser/media.ts';
import { oneToEight } from './browser/one-to-eight.ts';
import { oneToOne } from './browser/one-to-one.ts';
import { oneToThree } from './browser/one-to-three.ts';
import { opens } from './browser/opens.ts';
import { pageSize } from './browser/page-size.ts';
import { publish } from './browser/publish.ts';
import { type Bench, type Figure, figureTable, type Settings } from './figures.ts';
import { report } from './report.ts';
import { measureAndKeep, usualMebibytes, usualRuns } from './results.ts';
import { networks } from './networks/networks.ts';
import { networksFairness } from './networks/fairness.ts';
import { networksSwarm } from './networks/swarm/swarm.ts';
import { cluster } from './tracker/cluster.ts';
import { hostileTracker } from './tracker/hostile.ts';
import { tracker } from './tracker/tracker.ts';

/**
 * `npm run bench -- [name]… [--size MiB] [--runs N] [--contestant TEXT] [--path TEXT] [--seconds N] [--leeches N] [--rate MBIT]`, or
 * `--report`; see `e2e/bench/README.md`.
 */
const benches: readonly Bench[] = [
  pageSize,
  oneToOne,
  oneToThree,
  oneToEight,
  firstPiece,
  opens,
  hiddenSeed,
  publish,
  largeReceive,
  saveLarge,
  media,
  labPage,
  longLists,
  tracker,
  cluster,
  hostileTracker,
  networks,
  networksFairness,
  networksSwarm,
];

interface Command {
  readonly settings: Settings;
  readonly chosen: readonly Bench[];
  readonly onlyReport: boolean;
}

function command(): Command {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      size: { type: 'string', default: String(usualMebibytes) },
      runs: { type: 'string', default: String(usualRuns) },
      path: { type: 'string' },
      contestant: { type: 'string' },
      seconds: { type: 'string' },
      leeches: { type: 'string' },
      rate: { type: 'string' },
      report: { type: 'boolean', default: false },
    },
  });
  const [mebibytes, runs] = [Number(values.size), Number(values.runs)];
  if (!(mebibytes >= 1) || !Number.isInteger(runs) || runs < 1)
    throw new Error('--size is in MiB, at least 1; --runs is a whole number, at least 1');
  const unknown = positionals.find((name) => !benches.some((bench) => bench.name === name));
  if (unknown !== undefined) throw new Error(`There is no bench "${unknown}". There are: ${benches.map(({ name }) => name).join(', ')}.`);
  const chosen = benches.filter(({ name, onlyByName }) => (positionals.length === 0 ? onlyByName !== true : positionals.includes(name)));
  const { path, contestant, report: onlyReport } = values;
  const [seconds, leeches, rate] = [
    atLeastOne('--seconds', values.seconds),
    atLeastOne('--leeches', values.leeches),
    atLeastOne('--rate', values.rate),
  ];
  return { settings: { bytes: mebibytes * 2 ** 20, runs, path, contestant, seconds, leeches, rate }, chosen, onlyReport };
}

function atLeastOne(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!(number >= 1)) throw new Error(`${option} is at least 1`);
  return number;
}

async function main({ settings, chosen, onlyReport }: Command): Promise<void> {
  if (onlyReport) return report();
  provideBrowsers();
  const all: Figure[] = [];
  for (const bench of chosen) {
    console.error(`${bench.name} …`);
    all.push(...(await measureAndKeep(bench, settings)));
  }
  console.log(figureTable(all));
}

await main(command());
