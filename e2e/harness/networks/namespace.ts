import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import type { Lab } from '../lab.ts';

/** The process that made a namespace is in its name, so that the next run can tell what a killed run left behind. */
const prefix = 'tabswarm';

/** One network namespace: interfaces, routes and firewall of its own. Needs root. */
export class Namespace {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** Whether this machine lets us make one: not in every container, not even for root. */
  static isAllowed(): boolean {
    const name = `${prefix}-${process.pid}-trial`;
    if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return false;
    return spawnSync('ip', ['netns', 'delete', name]).status === 0;
  }

  /** One that the lab removes. */
  static owned(lab: Lab, role: string): Namespace {
    const namespace = Namespace.create(role);
    lab.own(async () => namespace.close());
    return namespace;
  }

  static create(role: string): Namespace {
    const namespace = new Namespace(`${prefix}-${process.pid}-${role}`);
    execFileSync('ip', ['netns', 'add', namespace.name]);
    // Without it an interface gets its IPv6 address a second later (RFC 4862), and Chromium ends what it is loading: the network changed.
    namespace.run('sysctl -q -w net.ipv6.conf.default.accept_dad=0');
    namespace.ip('link set lo up');
    return namespace;
  }

  /** `ip` of iproute2 inside the namespace; `words` are split at blanks. */
  ip(words: string): void {
    execFileSync('ip', ['-n', this.name, ...words.split(' ')]);
  }

  run(command: string): void {
    execFileSync('ip', ['netns', 'exec', this.name, ...command.split(' ')]);
  }

  /** `ip netns exec` replaces itself: the child is the program. */
  start(command: string, args: readonly string[]): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.name, command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** A script at `path` that runs `program` in here, for those who take a path alone. */
  wrap(program: string, path: string): string {
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${this.name} ${program} "$@"\n`, { mode: 0o755 });
    return path;
  }

  /** Ends every process in it; its interfaces go with it. */
  close(): void {
    remove(this.name);
  }
}

/** Removes what runs left behind that were killed before they could. */
export function removeLeftovers(): void {
  for (const line of execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).split('\n')) {
    const [, name, owner] = /^(tabswarm-(\d+)-\S+)/.exec(line) ?? [];
    if (name !== undefined && !existsSync(`/proc/${owner}`)) remove(name);
  }
}

function remove(name: string): void {
  const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  for (const pid of pids.split('\n').filter((line) => line !== '')) endProcess(Number(pid));
  execFileSync('ip', ['netns', 'delete', name]);
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
