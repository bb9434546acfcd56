import { parseArgs } from 'node:util';
import { provideBrowsers } from '../harness/browsers/installed.ts';
import { type Bench, type Figure, met, type Settings, table } from './figures.ts';
import { firstPiece } from './browser/first-piece.ts';
import { hiddenSeed } from './browser/hidden-seed.ts';
import { largeReceive } from './browser/large-receive.ts';
import { oneToOne } from './browser/one-to-one.ts';
import { oneToThree } from './browser/one-to-three.ts';
import { pageSize } from './browser/page-size.ts';
import { publish } from './browser/publish.ts';
import { networks } from './networks/networks.ts';
import { tracker } from './tracker/tracker.ts';
import { cluster } from './tracker/cluster.ts';
import { hostileTracker } from './tracker/hostile.ts';

/** `npm run bench -- [name]… [--size MiB] [--runs N] [--only name]… [--path text] [--contestant text] [--json]`; needs a build, Linux (/proc) and a quiet machine. */
const benches: readonly Bench[] = [
  pageSize,
  oneToOne,
  oneToThree,
  firstPiece,
  hiddenSeed,
  publish,
  largeReceive,
  tracker,
  cluster,
  hostileTracker,
  networks,
];

function settings(): { settings: Settings; chosen: readonly Bench[]; json: boolean } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      size: { type: 'string', default: '256' },
      runs: { type: 'string', default: '3' },
      only: { type: 'string', multiple: true },
      path: { type: 'string' },
      contestant: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [mebibytes, runs] = [Number(values.size), Number(values.runs)];
  if (!(mebibytes >= 1) || !Number.isInteger(runs) || runs < 1)
    throw new Error('--size is in MiB, at least 1; --runs is a whole number, at least 1');
  const wanted = [...(values.only ?? []), ...positionals];
  const chosen = benches.filter(({ name, onlyByName }) => (wanted.length === 0 ? onlyByName !== true : wanted.includes(name)));
  if (chosen.length === 0) throw new Error(`the benches are: ${benches.map(({ name }) => name).join(', ')}`);
  return {
    settings: { bytes: mebibytes * 1024 * 1024, runs, path: values.path, contestant: values.contestant },
    chosen,
    json: values.json,
  };
}

/** One JSON line a figure, so that a machine can keep them. */
function printLines(figures: readonly Figure[]): void {
  for (const figure of figures) console.log(JSON.stringify({ ...figure, met: met(figure) }));
}

async function main(): Promise<void> {
  const { settings: how, chosen, json } = settings();
  provideBrowsers();
  const all: Figure[] = [];
  for (const bench of chosen) {
    if (!json) console.error(`${bench.name} …`);
    const figures = await bench.measure(how);
    all.push(...figures);
    if (json) printLines(figures);
  }
  if (!json) console.log(table(all));
}

await main();
