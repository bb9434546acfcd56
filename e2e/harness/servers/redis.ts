import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createClient } from 'redis';
import { freePort } from '../system/ports.ts';
import { locate, type Program, provide } from '../system/programs.ts';

const redisServer: Program = {
  name: 'Redis',
  variable: 'REDIS_SERVER_PATH',
  debianPackage: 'redis-server',
  paths: () => ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'],
};

/** A real Redis process, in memory only, on a port that survives kills and restarts. */
export class TestRedis {
  readonly port: number;
  #child: ChildProcess | null = null;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<TestRedis> {
    provide(redisServer);
    const redis = new TestRedis(await freePort());
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, empty. */
  async start(): Promise<void> {
    const flags = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--protected-mode', 'no'];
    this.#child = spawn(locate(redisServer), flags, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    for await (const chunk of this.#child.stdout ?? []) {
      said += String(chunk);
      if (said.includes('Ready to accept connections')) return;
    }
    throw new Error(`Redis ended before it was ready:\n${said}`);
  }

  /** Ends it at once, with everything it holds. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Stops or continues the whole process, connections and all. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /** One command, on a connection of its own. */
  async command(...words: string[]): Promise<unknown> {
    const client = createClient({ url: this.url });
    await client.connect();
    const reply = await client.sendCommand(words);
    await client.close();
    return reply;
  }
}
