import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, until } from '../../../harness/system/ports.ts';

const folder = join('e2e', 'bench', 'tracker', 'servers');

/** The programs that are measured, with their arguments. */
const programs = {
  Tabswarm: (port: number) => ['signal-tracker', '--host', '127.0.0.1', '--stun', 'none', '--port', String(port)],
  'bittorrent-tracker': (port: number) => [join(folder, 'bittorrent-tracker.js'), String(port)],
  echo: (port: number) => [join(folder, 'echo.js'), String(port)],
};

export type ServerName = keyof typeof programs;

/** What a server has used since its start; memory after a full garbage collection. */
export interface Usage {
  readonly cpuMicros: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** One of the servers, in a process of its own. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  /** `flags` are further arguments of the program. */
  static async start(name: ServerName, flags: readonly string[] = []): Promise<ServerProcess> {
    const port = await freePort();
    const args = ['--expose-gc', '--import', `./${join(folder, 'probe.js')}`, ...programs[name](port), ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await until(`${name} on port ${port}`, 15_000, () => listens(port));
    return new ServerProcess(port, child);
  }

  async usage(): Promise<Usage> {
    this.#child.send('usage');
    const [usage] = (await once(this.#child, 'message')) as [Usage];
    return usage;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return false;
    throw error;
  } finally {
    socket.destroy();
  }
}
