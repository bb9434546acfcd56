/** `npm run replay -- SEED [--size small|medium|large] [--trace FILE]`: runs a random scenario of the simulator again and prints every peer's result. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

/** @typedef {import('../../shared/sim/world.ts').World} World */
/** @typedef {import('../../shared/sim/network/observer.ts').Observer} Observer */

/** @type {{ module: typeof import('../../shared/sim/run.ts') }} */
const { module: simulator } = await runnerImport('./shared/sim/run.ts');
/** @type {{ module: typeof import('../../shared/sim/scenarios/random.ts') }} */
const { module: random } = await runnerImport('./shared/sim/scenarios/random.ts');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string', default: 'medium' }, trace: { type: 'string' } },
});
const seed = Number(positionals[0]);
/** @type {string[]} */
const trace = [];

/** One line a delivered message: virtual time, receiver, sender, type, piece and offset. @param {World} world @returns {Observer} */
function tracer(world) {
  return {
    delivered: (node, end, message) => {
      const piece = 'piece' in message ? message.piece : '';
      const begin = 'begin' in message ? message.begin : '';
      trace.push([world.queue.now.toFixed(3), node.config.name, `link ${end.link}`, message.type, piece, begin].join('\t'));
    },
    verified: (node, piece, ok) =>
      void trace.push([world.queue.now.toFixed(3), node.config.name, '', ok ? 'verified' : 'corrupt', piece].join('\t')),
  };
}

/** @param {number} number @returns {void} */
function replay(number) {
  const size = random.scenarioSizeNames.find((name) => name === values.size);
  if (size === undefined) throw new Error(`--size is one of ${random.scenarioSizeNames.join(', ')}.`);
  const result = simulator.run(random.randomScenario(number, size), number, (world) => (values.trace === undefined ? [] : [tracer(world)]));
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}

if (!Number.isSafeInteger(seed)) {
  process.stderr.write('Say which seed: npm run replay -- 17 [--size small|medium|large] [--trace FILE]\n');
  process.exitCode = 1;
} else {
  try {
    replay(seed);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
  if (values.trace !== undefined) writeFileSync(values.trace, `${trace.join('\n')}\n`);
}
