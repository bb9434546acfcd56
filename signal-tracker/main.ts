import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssets, type Assets } from './assets.ts';
import { help, readCommand, UsageError, type Config } from './config.ts';
import { greeting, lanAddresses } from './greeting.ts';
import { log } from './log.ts';
import { startTracker, type Tracker } from './tracker.ts';

/** Last resort of a shutdown: the good-bye takes at most 2 s. */
const exitMs = 2800;

/** The command line program. `root` is the project's folder, where the builds are. Resolves when it listens, or exits the process. */
export async function main(root: string, args: readonly string[]): Promise<void> {
  try {
    const command = readCommand(args, process.env);
    if (command.kind === 'help') log.say(help);
    else if (command.kind === 'version') log.say(versionOf(root));
    else await run(root, command.config);
  } catch (error) {
    if (error instanceof UsageError) log.error(error.message);
    else log.error('The tracker could not start.', error);
    process.exitCode = 1;
  }
}

async function run(root: string, config: Config): Promise<void> {
  const assets = await loadApp(join(root, 'dist', 'web'));
  const tracker = await listen(config, assets);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(tracker));
  log.say(greeting(tracker.port, config.host, lanAddresses(), process.stdout.isTTY));
}

async function loadApp(folder: string): Promise<Assets> {
  if (!existsSync(join(folder, 'index.html'))) throw new UsageError('The app is not built yet: run "npm run build", then start again.');
  return loadAssets(folder);
}

async function listen(config: Config, assets: Assets): Promise<Tracker> {
  try {
    return await startTracker({ ...config, assets });
  } catch (error) {
    throw new UsageError(listenSentence(config, error), { cause: error });
  }
}

function listenSentence({ port, host }: Config, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : String(error);
  if (code === 'EADDRINUSE') return `Port ${port} is taken: stop what uses it, or choose another one with --port.`;
  if (code === 'EACCES') return `Port ${port} may not be used by this user: choose one from 1024 up with --port.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine: choose another one with --host, or leave it out.`;
  return `Port ${port} cannot be opened (${String(code)}): choose another one with --port.`;
}

async function stop(tracker: Tracker): Promise<void> {
  setTimeout(() => process.exit(0), exitMs).unref();
  await tracker.close();
  process.exit(0);
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}
