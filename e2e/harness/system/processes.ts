import { readdirSync, readFileSync } from 'node:fs';

/** What Linux tells of a process: its parent, and the CPU seconds of it and of its ended children. */
interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
}

/** USER_HZ is 100 on every Linux that Chromium runs on. */
const ticksPerSecond = 100;

/** On machines with larger pages {@link residentBytes} is too low. */
const pageBytes = 4096;

/** `null` when the process ended after it was listed. */
function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

function stat(pid: number): Stat | null {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === null) return null;
  // proc(5): the command's name in parentheses may hold spaces; field 3 (state) follows the last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return { pid, parent: field(4), cpuSeconds: (field(14) + field(15) + field(16) + field(17)) / ticksPerSecond };
}

function everyProcess(): Stat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => stat(Number(pid))).filter((entry) => entry !== null);
}

/** The process and all of its running descendants. */
function tree(root: number, all = everyProcess()): Stat[] {
  const found = all.filter((entry) => entry.pid === root);
  // The loop reaches what it adds.
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

/** Empty when the process has ended. Chromium writes the arguments of its helpers over their title, separated by spaces. */
function argumentsOf(pid: number): string[] {
  return readProc(`/proc/${pid}/cmdline`)?.split(/[\0 ]/) ?? [];
}

/** The process that was started with this argument; not one of its helpers (`--type=renderer` and the like). */
export function processWithArgument(argument: string): number {
  for (const { pid } of everyProcess()) {
    const args = argumentsOf(pid);
    if (args.includes(argument) && !args.some((other) => other.startsWith('--type='))) return pid;
  }
  throw new Error(`no process was started with ${argument}`);
}

/** CPU seconds of the process and its descendants, ended ones included. */
export function cpuSeconds(root: number): number {
  return tree(root).reduce((sum, entry) => sum + entry.cpuSeconds, 0);
}

/** Resident memory of each process tree in bytes. Pages that several processes share are counted for each. Quick to read. */
export function residentBytes(roots: readonly number[]): number[] {
  const all = everyProcess();
  const resident = ({ pid }: Stat): number => Number(readProc(`/proc/${pid}/statm`)?.split(' ')[1] ?? 0) * pageBytes;
  return roots.map((root) => tree(root, all).reduce((sum, entry) => sum + resident(entry), 0));
}

/**
 * Proportional set size of the process tree in bytes: pages that several processes share are counted once. Linux walks every page for it
 * and stops the processes meanwhile, a browser for 100 ms and more.
 */
export function pssBytes(root: number): number {
  let sum = 0;
  for (const { pid } of tree(root)) {
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/smaps_rollup`) ?? '');
    sum += Number(kilobytes?.[1] ?? 0) * 1024;
  }
  return sum;
}

/** Sends SIGKILL to the whole tree, which ends as in a crash; with an argument to those of its processes that were started with it. */
export function killTree(root: number, argument?: string): void {
  for (const { pid } of tree(root)) if (argument === undefined || argumentsOf(pid).includes(argument)) kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
