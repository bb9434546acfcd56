import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssets, type Assets } from './http/assets/assets.ts';
import { CatalogueFile } from './catalogue/file.ts';
import { readCertificate, type Certificate, type CertificateFiles } from './config/certificate.ts';
import { help, readCommand, type Config } from './config/config.ts';
import { UsageError } from './config/usage-error.ts';
import { banner, lanBanner, localUrl } from './config/banner.ts';
import { lanAddresses } from './lan/addresses.ts';
import { openLan } from './lan/lan.ts';
import { log } from './log.ts';
import { hashSeed, planSeed, type SeedPlan } from './web-seed/seed-torrent.ts';
import { startTracker, type LanSite, type Tracker } from './compose.ts';

/** Last resort of a shutdown: closing takes at most 2 s. */
const exitMs = 2800;

/** The right token works at any time, so only its length keeps it from being guessed. */
const minTokenCharacters = 16;
const shortToken = `The admin token has fewer than ${minTokenCharacters} characters: it can be guessed.`;

/** The command-line program. `root` is the project's folder, with the builds. Resolves when the tracker listens, or sets the exit code. */
export async function main(root: string, args: readonly string[]): Promise<void> {
  try {
    const command = readCommand(args, process.env, process.stderr.isTTY);
    if (command.kind === 'help') log.say(help);
    else if (command.kind === 'version') log.say(versionOf(root));
    else await run(root, command.config);
  } catch (error) {
    if (error instanceof UsageError) log.refuse(error.message);
    else log.error('The tracker could not start.', error);
    process.exitCode = 1;
  }
}

async function run(root: string, config: Config): Promise<void> {
  log.setLevel(config.logLevel);
  if (config.adminToken !== null && config.adminToken.length < minTokenCharacters) log.warn(shortToken);
  const lan = config.lan ? await openLan(process.env, process.platform) : null;
  const certificate = lan?.certificate ?? (config.tls === null ? null : readCertificate(config.tls));
  const assets = await loadApp(join(root, 'dist', 'web'), config.publicUrl);
  const plans = await Promise.all(config.seeds.map(planSeed));
  for (const { name, skipped } of plans) {
    for (const path of skipped) log.say(`Not seeded: ${name}/${path}. Its name is not UTF-8.`);
  }
  const catalogueFile = config.catalogueFile === null ? null : CatalogueFile.open(config.catalogueFile);
  const tracker = await listen(config, { assets, tls: certificate, catalogueFile, lan: lan?.site(config.publicUrl) ?? null });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(tracker, signal));
  const { tls } = config;
  if (tls !== null) process.on('SIGHUP', () => renewCertificate(tracker, tls));
  lan?.keepValid((renewed) => tracker.renewCertificate(renewed));
  const facts = { port: tracker.port, tls: certificate !== null, turn: config.turn !== null, monitor: config.adminToken !== null };
  log.say(
    lan === null
      ? banner({ ...facts, host: config.host, proxied: config.trustProxy.length > 0 }, lanAddresses(), process.stdout.isTTY)
      : lanBanner({ ...facts, ...lan.facts }, process.stdout.isTTY),
  );
  log.info('listening', facts);
  const base = config.publicUrl ?? lan?.originAt(tracker.port) ?? localUrl({ ...facts, host: config.host }, lanAddresses());
  for (const plan of plans) await seed(tracker, plan, base);
}

/** Hashes while the tracker already serves: a terabyte takes an hour. A seed that fails does not affect the others. */
async function seed(tracker: Tracker, plan: SeedPlan, base: string): Promise<void> {
  try {
    const torrent = await hashSeed(plan);
    tracker.seeds.add(torrent);
    log.say(`Seeding ${plan.name}: ${base}/#${tracker.seeds.magnet(torrent, base)}`);
  } catch (error) {
    log.error(`${plan.name} could not be hashed and is not seeded.`, error);
  }
}

/** A failed renewal must not end the service: the old certificate is valid for days. */
function renewCertificate(tracker: Tracker, files: CertificateFiles): void {
  try {
    tracker.renewCertificate(readCertificate(files));
    log.info('certificate renewed');
  } catch (error) {
    log.error('The certificate was not renewed. The old one stays in use.', error);
  }
}

async function loadApp(folder: string, origin: string | null): Promise<Assets> {
  if (!existsSync(join(folder, 'index.html'))) throw new UsageError('The app is not built yet: run "npm run build", then start again.');
  return loadAssets(folder, origin);
}

interface Opened {
  readonly assets: Assets;
  readonly tls: Certificate | null;
  readonly catalogueFile: CatalogueFile | null;
  readonly lan: LanSite | null;
}

async function listen(config: Config, opened: Opened): Promise<Tracker> {
  try {
    return await startTracker({ ...config, ...opened });
  } catch (error) {
    throw new UsageError(listenSentence(config, error), { cause: error });
  }
}

function listenSentence({ port, host }: Config, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : String(error);
  if (code === 'EADDRINUSE') return `Port ${port} is in use: stop the program that uses it, or choose another port with --port.`;
  if (code === 'EACCES') return `Port ${port} needs more rights than this user has: choose one from 1024 up with --port.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine: choose another one with --host, or leave it out.`;
  return `Port ${port} cannot be opened (${String(code)}): choose another port with --port.`;
}

async function stop(tracker: Tracker, signal: NodeJS.Signals): Promise<void> {
  log.info('stopping', { signal });
  setTimeout(() => process.exit(0), exitMs).unref();
  await tracker.close();
  process.exit(0);
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}
