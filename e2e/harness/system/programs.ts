import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A program that the tests drive: where it may be, the variable that names another place, and the Debian package that contains it. */
export interface Program {
  readonly name: string;
  readonly variable: string;
  readonly debianPackage: string;
  readonly paths: () => readonly string[];
}

function find(program: Program): string | null {
  const named = process.env[program.variable];
  if (named !== undefined && named !== '') return named;
  return program.paths().find((path) => path !== '' && existsSync(path)) ?? null;
}

/** Installs a missing program, but only as root on Debian; everyone else is told what to install. */
function install(program: Program): void {
  const root = process.getuid?.() === 0;
  if (!root || !existsSync('/usr/bin/apt-get')) return;
  process.stdout.write(`${program.name} is missing: installing the package ${program.debianPackage}.\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options: SpawnSyncOptions = { stdio: ['ignore', 'ignore', 'inherit'], env: environment };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', program.debianPackage], options);
}

/** The program's path. Throws one sentence that says what to install. */
export function locate(program: Program): string {
  const path = find(program);
  if (path !== null && existsSync(path)) return path;
  throw new Error(
    `${program.name} was not found. Install it (on Debian: apt-get install ${program.debianPackage}) or name it in ${program.variable}.`,
  );
}

/** Finds or installs a program; throws where it stays missing. */
export function provide(program: Program): void {
  if (find(program) === null) install(program);
  locate(program);
}
