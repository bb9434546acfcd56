/**
 * `npm run dev`: the page with hot reload, and the tracker, which is rebuilt and restarted when its code changes. Both have one address:
 * Vite forwards the tracker's paths. Options: `--port N` and `--tracker-port N` (by default the next free ones); after a second `--` any
 * option of the tracker: `npm run dev -- --port 3000 -- --catalogue`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createNetServer } from 'node:net';
import { parseArgs } from 'node:util';
import { build, createServer } from 'vite';

// Otherwise the tracker's build sets it to production, and Vite serves the page without hot reload.
process.env.NODE_ENV = 'development';

/** Everything the tracker answers besides the app's own files. */
const trackerPaths = '^/(announce|api/|seeds|status|stats\\.json|monitor\\.json|metrics|healthz)';

const { values, positionals: trackerFlags } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string' }, 'tracker-port': { type: 'string' } },
});

/** @param {number} port @returns {Promise<boolean>} */
async function isFree(port) {
  const server = createNetServer();
  const failed = new Promise((resolve) => server.once('error', resolve));
  server.listen(port);
  const free = await Promise.race([once(server, 'listening').then(() => true), failed.then(() => false)]);
  server.close();
  return free;
}

/** The port that was asked for, or the first free one from `from` up. @param {string | undefined} asked @param {number} from */
async function choosePort(asked, from) {
  if (asked !== undefined) return Number(asked);
  for (let port = from; port < from + 100; port++) if (await isFree(port)) return port;
  throw new Error(`No port from ${from} to ${from + 99} is free: choose one with --port or --tracker-port.`);
}

/** The tracker's process, started again after every build. */
class TrackerProcess {
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;
  #port;

  /** @param {number} port */
  constructor(port) {
    this.#port = port;
  }

  async restart() {
    if (this.#child !== null) console.log('The tracker restarts: its code has changed.');
    await this.stop();
    const args = ['signal-tracker', '--port', String(this.#port), '--host', 'localhost', '--log-level', 'warn', ...trackerFlags];
    // It prints its own address, which is not the one to open.
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('exit', (code) => {
      if (this.#child === child) console.error(`The tracker ended with code ${code}. It starts again when its code changes.`);
    });
    this.#child = child;
  }

  async stop() {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}

/** Builds the tracker now and after every change; `onBuilt` is called each time. @param {() => Promise<void>} onBuilt */
async function watchTracker(onBuilt) {
  const watcher = await build({ mode: 'tracker', logLevel: 'warn', build: { watch: {} } });
  if (!('on' in watcher)) throw new Error('Vite does not watch the build of the tracker');
  /** @type {Promise<void>} */
  let last = Promise.resolve();
  watcher.on('event', (event) => {
    if (event.code === 'END') last = last.then(onBuilt);
    if (event.code === 'ERROR') console.error(`The tracker was not built: ${event.error.message}`);
  });
  return watcher;
}

/** Serves the page, and forwards the tracker's paths. @param {number} port @param {number} trackerPort */
async function servePage(port, trackerPort) {
  const proxy = { [trackerPaths]: { target: `http://localhost:${trackerPort}`, ws: true } };
  const page = await createServer({ server: { port, strictPort: true, proxy } });
  return page.listen();
}

const trackerPort = await choosePort(values['tracker-port'], 8000);
const tracker = new TrackerProcess(trackerPort);
const watcher = await watchTracker(() => tracker.restart());
const page = await servePage(await choosePort(values.port, 5173), trackerPort);

async function end() {
  await Promise.all([tracker.stop(), page.close(), watcher.close()]);
  // The message compiler leaves timers of 30 s behind (paraglide-js 2.25).
  process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void end());
console.log(
  `\nTabswarm: ${page.resolvedUrls?.local[0]}\nChanges show at once, those of the tracker after it has restarted. Ctrl-C ends both.\n`,
);
