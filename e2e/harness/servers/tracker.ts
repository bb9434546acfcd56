import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort, until } from '../system/ports.ts';

/** The real tracker as its own process; it keeps its port across kills and restarts. */
export class Tracker {
  readonly port: number;
  readonly #flags: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #said = '';

  private constructor(port: number, flags: readonly string[], environment: Readonly<Record<string, string>>) {
    this.port = port;
    this.#flags = flags;
    this.#environment = environment;
  }

  /** `flags` come after `--port`; STUN is off because tests must not depend on a network. `environment` adds to ours. */
  static async start(flags: readonly string[] = ['--stun', 'none'], environment: Readonly<Record<string, string>> = {}): Promise<Tracker> {
    const tracker = new Tracker(await freePort(), flags, environment);
    await tracker.start();
    return tracker;
  }

  /** Where the app is served. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** What clients announce to. */
  get announceUrl(): string {
    return `ws://localhost:${this.port}/announce`;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, ['signal-tracker', '--port', String(this.port), ...this.#flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#environment },
    });
    child.stdout.on('data', (chunk) => (this.#said += String(chunk)));
    child.stderr.on('data', (chunk) => (this.#said += String(chunk)));
    this.#child = child;
    await until(`The tracker on port ${this.port}`, 60_000, async () => {
      if (child.exitCode !== null) throw new Error(`The tracker ended with code ${child.exitCode}:\n${this.#said}`);
      return this.#answers();
    });
  }

  /** Kills it, as a crash would. Connections to its port are refused afterwards. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async #answers(): Promise<boolean> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}/`);
      await response.arrayBuffer();
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false; // Not listening yet.
      throw error;
    }
  }
}
