import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort, until } from '../system/ports.ts';

/** `npm run dev` in a copy of the working tree, so that a test can change the code. */
export class DevServer {
  /** What it has printed so far. */
  output = '';
  readonly url: string;
  readonly trackerPort: number;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, port: number, trackerPort: number) {
    this.#folder = folder;
    this.url = `http://localhost:${port}`;
    this.trackerPort = trackerPort;
    const args = ['run', 'dev', '--', '--port', String(port), '--tracker-port', String(trackerPort), '--', '--stun', 'none'];
    // A group of its own: Ctrl-C in a terminal also reaches every process of the group.
    this.#child = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (chunk) => (this.output += String(chunk)));
  }

  /** The copy goes into `folder`. Resolves when both servers answer; ends them where they do not. */
  static async start(folder: string): Promise<DevServer> {
    copyTree(folder);
    const server = new DevServer(folder, await freePort(), await freePort());
    try {
      await server.#ready();
      return server;
    } catch (error) {
      await server.interrupt();
      throw error;
    }
  }

  async #ready(): Promise<void> {
    await until('The address of the development server', 90_000, () => {
      if (this.#child.exitCode !== null) throw new Error(`It ended with code ${this.#child.exitCode}:\n${this.output}`);
      return this.output.includes(this.url);
    });
    await until('The tracker behind the page', 30_000, () => this.trackerAnswers());
  }

  /** Whether the tracker answers through the page's own address. */
  async trackerAnswers(): Promise<boolean> {
    const response = await fetch(`${this.url}/healthz`).catch(() => null);
    return response?.ok === true;
  }

  append(path: string, text: string): void {
    appendFileSync(join(this.#folder, path), text);
  }

  replace(path: string, from: string, to: string): void {
    const place = join(this.#folder, path);
    const text = readFileSync(place, 'utf8');
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    writeFileSync(place, text.replace(from, to));
  }

  /** Ctrl-C. */
  async interrupt(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    process.kill(-pid, 'SIGINT');
    await ended;
  }
}

/** Every file that git knows or would add, the build, and a link to the installed packages. */
function copyTree(folder: string): void {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  for (const path of [...listed.trim().split('\n'), 'dist/web', 'dist/signal-tracker'])
    cpSync(path, join(folder, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
}
