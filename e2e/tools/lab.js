/**
 * `npm run lab -- NAME`: runs an experiment; without a name all of them, which makes `e2e/lab/REPORT.md` again. `npm run lab -- swarm
 * [options]` runs a swarm of the simulator with several seeds and prints what it took against the bound; `npm run lab -- aims` runs the
 * worlds of the aims and writes their table. `--help` lists the options.
 */
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { loadBundled } from './load-bundled.js';

/** @typedef {import('../../shared/lab/swarm-options.ts').SwarmOptions} SwarmOptions */
/** @typedef {import('../../shared/lab/measure-swarm.ts').SwarmFigures} SwarmFigures */
/** @typedef {SwarmFigures & { readonly cpuSeconds: number, readonly megabytes: number }} Line */

const usage = `npm run lab                          all experiments; makes e2e/lab/REPORT.md again
npm run lab -- NAME [--seeds N] [--out DIR]
                                     one of: scaling, protocols, gossip, blocks, smart-swarm, tabs
npm run lab -- aims [--seeds N] [--first FIRST] [--world TEXT] [--policy 'tit for tat'] [--fresh]
                                     the worlds with an aim (whose names contain TEXT), 30 seeds from 101 on; writes the
                                     table of shared/lab/README.md; --seeds 0 only writes it again; goes on where it was
                                     ended, --fresh begins anew
npm run lab -- swarm [options]
  --peers N          leeches beside the one seed (40)
  --pieces K         pieces of 256 KiB (512)
  --seeds S          runs, with the seeds FIRST to FIRST + S - 1 (3)
  --first FIRST      (1)
  --uplinks equal|mixed
  --up R --seed-up R uplinks in MiB/s (1)
  --riders F --poisoners F   shares of the peers (0)
  --churn            leeches leave and return
  --transport ideal|browser
  --delay A-B        one way, in ms
  --flow R           most MiB/s of one flow
  --config JSON      settings of every peer (shared/swarm/config.ts)
  --json             one line of JSON a seed
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: 'string', default: '40' },
    pieces: { type: 'string', default: '512' },
    seeds: { type: 'string' },
    out: { type: 'string' },
    first: { type: 'string' },
    world: { type: 'string', default: '' },
    policy: { type: 'string', default: 'turns' },
    uplinks: { type: 'string', default: 'equal' },
    up: { type: 'string', default: '1' },
    'seed-up': { type: 'string' },
    riders: { type: 'string', default: '0' },
    poisoners: { type: 'string', default: '0' },
    churn: { type: 'boolean', default: false },
    transport: { type: 'string', default: 'ideal' },
    delay: { type: 'string' },
    flow: { type: 'string' },
    config: { type: 'string', default: '{}' },
    json: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const mebibyte = 1024 * 1024;

/** @param {string} name @param {string} text @returns {number} */
function numberOf(name, text) {
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0) throw new Error(`--${name} ${text} is no number`);
  return number;
}

/** @template {string} T @param {string} name @param {string} text @param {readonly T[]} known @returns {T} */
function oneOf(name, text, known) {
  const found = known.find((candidate) => candidate === text);
  if (found === undefined) throw new Error(`--${name} is one of ${known.join(', ')}`);
  return found;
}

/** @returns {[number, number] | null} */
function delayOf() {
  if (values.delay === undefined) return null;
  const [least = '', most = least] = values.delay.split('-');
  return [numberOf('delay', least), numberOf('delay', most)];
}

/** @returns {SwarmOptions} */
function optionsOf() {
  return {
    peers: numberOf('peers', values.peers),
    pieces: numberOf('pieces', values.pieces),
    uplinks: oneOf('uplinks', values.uplinks, ['equal', 'mixed']),
    up: mebibyte * numberOf('up', values.up),
    seedUp: mebibyte * numberOf('seed-up', values['seed-up'] ?? values.up),
    riders: numberOf('riders', values.riders),
    poisoners: numberOf('poisoners', values.poisoners),
    churn: values.churn,
    transport: oneOf('transport', values.transport, ['ideal', 'browser']),
    delayMs: delayOf(),
    flow: values.flow === undefined ? Infinity : mebibyte * numberOf('flow', values.flow),
    swarm: JSON.parse(values.config),
  };
}

/** @type {readonly (readonly [keyof Line, number])[]} */
const columns = [
  ['lastOverBound', 3],
  ['p95OverBound', 3],
  ['ridersOverLast', 2],
  ['seedBytesOverSize', 3],
  ['earlyCopies', 4],
  ['secondCopies', 4],
  ['waste', 4],
  ['rejected', 3],
  ['messagesPerPeer', 0],
  ['cpuSeconds', 1],
  ['megabytes', 0],
];

/** @param {string} line @returns {void} */
function print(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {Line} line @returns {void} */
function printSeed(line) {
  if (values.json) return print(JSON.stringify(line));
  const cells = columns.map(([name, digits]) => {
    const value = line[name];
    return (typeof value === 'number' ? value.toFixed(digits) : '–').padStart(name.length);
  });
  process.stdout.write(`${String(line.seed).padStart(4)}  ${cells.join('  ')}  ${line.traceHash}\n`);
}

/** @returns {Promise<void>} */
async function swarm() {
  /** @type {typeof import('../../shared/lab/measure-swarm.ts')} */
  const lab = await loadBundled('./shared/lab/measure-swarm.ts');
  /** @type {typeof import('../../shared/lab/statistics.ts')} */
  const statistics = await loadBundled('./shared/lab/statistics.ts');
  const options = optionsOf();
  const [first, count] = [numberOf('first', values.first ?? '1'), numberOf('seeds', values.seeds ?? '3')];
  if (!values.json) process.stdout.write(`seed  ${columns.map(([name]) => name).join('  ')}  traceHash\n`);
  /** @type {Line[]} */
  const lines = [];
  for (let seed = first; seed < first + count; seed++) {
    const { user, system } = process.cpuUsage();
    const figures = lab.measureSwarm(options, seed);
    const used = process.cpuUsage({ user, system });
    const line = { ...figures, cpuSeconds: (used.user + used.system) / 1e6, megabytes: process.memoryUsage().rss / 1e6 };
    printSeed(line);
    lines.push(line);
  }
  if (values.json || count < 2) return;
  for (const name of /** @type {const} */ (['lastOverBound', 'p95OverBound', 'secondCopies'])) {
    const { mean, halfWidth } = statistics.interval(lines.map((line) => line[name]));
    process.stdout.write(`${name} ${mean.toFixed(3)} ± ${halfWidth.toFixed(3)} (${count} seeds, 95 %)\n`);
  }
}

/** @returns {Promise<void>} */
async function aims() {
  /** @type {typeof import('../lab/aims.ts')} */
  const lab = await loadBundled('./e2e/lab/aims.ts');
  const [first, seeds] = [numberOf('first', values.first ?? '101'), numberOf('seeds', values.seeds ?? '30')];
  lab.runAims({ first, seeds, world: values.world, policy: values.policy, isFresh: values.fresh, print });
}

/** @returns {Promise<void>} */
async function experiments() {
  /** @type {{ module: typeof import('../lab/main.ts') }} */
  const { module: lab } = await runnerImport('./e2e/lab/main.ts');
  const seeds = values.seeds === undefined ? null : numberOf('seeds', values.seeds);
  await lab.runExperiments({ names: positionals, seeds, out: values.out ?? null, print });
}

try {
  if (values.help) process.stdout.write(usage);
  else if (positionals[0] === 'aims') await aims();
  else await (positionals[0] === 'swarm' ? swarm() : experiments());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
