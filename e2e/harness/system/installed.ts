import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

/** A program that the tests drive: where it may be, and the Debian package that contains it. */
interface Wanted {
  readonly name: string;
  readonly variable: string;
  readonly debianPackage: string;
  readonly paths: () => readonly string[];
}

const chromiumWanted: Wanted = {
  name: 'Chromium',
  variable: 'CHROMIUM_PATH',
  debianPackage: 'chromium',
  paths: () => [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    chromium.executablePath(),
  ],
};

const firefoxWanted: Wanted = {
  name: 'Firefox',
  variable: 'FIREFOX_PATH',
  debianPackage: 'firefox-esr',
  paths: () => ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
};

const turnserverWanted: Wanted = {
  name: 'coturn',
  variable: 'TURNSERVER_PATH',
  debianPackage: 'coturn',
  paths: () => ['/usr/bin/turnserver', '/usr/local/bin/turnserver', '/opt/homebrew/opt/coturn/bin/turnserver'],
};

function find(wanted: Wanted): string | null {
  const named = process.env[wanted.variable];
  if (named !== undefined && named !== '') return named;
  return wanted.paths().find((path) => path !== '' && existsSync(path)) ?? null;
}

/** Installs a missing program, but only as root on Debian; everyone else is told what to install. */
function install(wanted: Wanted): void {
  const root = process.getuid?.() === 0;
  if (!root || !existsSync('/usr/bin/apt-get')) return;
  process.stdout.write(`${wanted.name} is missing: installing the package ${wanted.debianPackage}.\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options: SpawnSyncOptions = { stdio: ['ignore', 'ignore', 'inherit'], env: environment };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', wanted.debianPackage], options);
}

function locate(wanted: Wanted): string {
  const path = find(wanted);
  if (path !== null && existsSync(path)) return path;
  throw new Error(
    `${wanted.name} was not found. Install it (on Debian: apt-get install ${wanted.debianPackage}) or name it in ${wanted.variable}.`,
  );
}

/** Path of a Chromium or Chrome. Throws one sentence that says what to install. */
export const chromiumPath = (): string => locate(chromiumWanted);

/** Path of a Firefox. Throws one sentence that says what to install. */
export const firefoxPath = (): string => locate(firefoxWanted);

/** Path of coturn's `turnserver`. Throws one sentence that says what to install. */
export const turnserverPath = (): string => locate(turnserverWanted);

/** Finds or installs everything that the tests drive; throws where something is missing. */
export function provideBrowsers(): void {
  for (const wanted of [chromiumWanted, firefoxWanted, turnserverWanted]) {
    if (find(wanted) === null) install(wanted);
    locate(wanted);
  }
}
