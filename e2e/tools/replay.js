/**
 * `npm run replay -- SEED [--size small|medium|large] [--config JSON] [--trace FILE [--from SECONDS] [--until SECONDS]]`: runs a random
 * scenario of the simulator again, with these settings of every peer, and prints every peer's result. The trace is about a gigabyte for an hour of a large swarm: `--from` and `--until` bound it.
 */
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { TraceFile } from './trace-file.js';

/** @typedef {import('../../shared/sim/world.ts').World} World */
/** @typedef {import('../../shared/sim/network/observer.ts').Observer} Observer */

/** @type {{ module: typeof import('../../shared/sim/run.ts') }} */
const { module: simulator } = await runnerImport('./shared/sim/run.ts');
/** @type {{ module: typeof import('../../shared/sim/scenarios/random.ts') }} */
const { module: random } = await runnerImport('./shared/sim/scenarios/random.ts');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: 'medium' },
    config: { type: 'string', default: '{}' },
    trace: { type: 'string' },
    from: { type: 'string', default: '0' },
    until: { type: 'string', default: 'Infinity' },
  },
});

/**
 * One line a delivered message: virtual time in ms, receiver, link, type, piece and offset.
 * @param {World} world @param {TraceFile} file @param {number} fromMs @param {number} untilMs @returns {Observer}
 */
function tracer({ queue }, file, fromMs, untilMs) {
  /** @param {readonly (string | number)[]} cells @returns {void} */
  const write = (...cells) => {
    if (queue.now >= fromMs && queue.now <= untilMs) file.write([queue.now.toFixed(3), ...cells].join('\t'));
  };
  return {
    delivered: (node, end, message) => {
      const piece = 'piece' in message ? message.piece : '';
      const begin = 'begin' in message ? message.begin : '';
      write(node.config.name, `link ${end.link}`, message.type, piece, begin);
    },
    verified: (node, piece, ok) => write(node.config.name, '', ok ? 'verified' : 'corrupt', piece),
  };
}

/** @param {'from' | 'until'} name @returns {number} */
function millisecondsOf(name) {
  const seconds = Number(values[name]);
  if (Number.isNaN(seconds)) throw new Error(`--${name} ${values[name]} is no number of seconds.`);
  return 1000 * seconds;
}

/** @param {number} seed @returns {void} */
function replay(seed) {
  const size = random.scenarioSizeNames.find((name) => name === values.size);
  if (size === undefined) throw new Error(`--size is one of ${random.scenarioSizeNames.join(', ')}.`);
  const [fromMs, untilMs] = [millisecondsOf('from'), millisecondsOf('until')];
  const file = values.trace === undefined ? null : new TraceFile(values.trace);
  try {
    const watch = (/** @type {World} */ world) => (file === null ? [] : [tracer(world, file, fromMs, untilMs)]);
    const scenario = random.randomScenario(seed, size);
    const swarm = { ...scenario.swarm, ...JSON.parse(values.config) };
    const result = simulator.run({ ...scenario, swarm }, seed, watch);
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } finally {
    file?.close();
  }
}

try {
  const seed = Number(positionals[0]);
  if (!Number.isSafeInteger(seed)) {
    const options = '[--size small|medium|large] [--config JSON] [--trace FILE [--from SECONDS] [--until SECONDS]]';
    throw new Error(`Say which seed: npm run replay -- 17 ${options}`);
  }
  replay(seed);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
