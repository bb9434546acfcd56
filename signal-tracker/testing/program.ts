import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

const project = join(import.meta.dirname, '../..');

/** A temporary project folder with what `node signal-tracker` needs, freshly built. The caller removes it. */
export async function buildProgramFolder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'tabswarm-program-'));
  await mkdir(join(root, 'signal-tracker'));
  await mkdir(join(root, 'dist', 'web'), { recursive: true });
  await copyFile(join(project, 'package.json'), join(root, 'package.json'));
  await copyFile(join(project, 'signal-tracker', 'index.js'), join(root, 'signal-tracker', 'index.js'));
  await symlink(join(project, 'node_modules'), join(root, 'node_modules'));
  await writeFile(join(root, 'dist', 'web', 'index.html'), '<title>Tabswarm</title>');
  const outDir = join(root, 'dist', 'signal-tracker');
  await build({ root: project, configFile: join(project, 'vite.config.ts'), mode: 'tracker', logLevel: 'silent', build: { outDir } });
  return root;
}

/** The program as people start it, `node signal-tracker`, in its own project folder with a fresh build. */
export class TestProgram {
  readonly #root: string;
  readonly #running = new Set<ChildProcess>();

  private constructor(root: string) {
    this.#root = root;
  }

  static async build(): Promise<TestProgram> {
    return new TestProgram(await buildProgramFolder());
  }

  /** Starts a tracker on a free port of this machine's own address. */
  async start(...flags: string[]): Promise<TestNode> {
    const args = ['signal-tracker', '--port', '0', '--host', '127.0.0.1', '--stun', 'none', '--log-level', 'error', ...flags];
    const child = spawn(process.execPath, args, { cwd: this.#root, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#running.add(child);
    for await (const chunk of child.stdout) {
      const port = /:(\d+)$/m.exec(String(chunk))?.[1];
      if (port !== undefined) return new TestNode(child, Number(port));
    }
    throw new Error('it never listened');
  }

  /** Ends all running trackers. */
  stop(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    this.#running.clear();
  }

  async remove(): Promise<void> {
    this.stop();
    await rm(this.#root, { recursive: true });
  }
}

/** One running tracker. */
export class TestNode {
  readonly port: number;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  async health(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.port}/healthz`)).text();
  }

  /** Sends the signal and resolves with the exit code, `null` if the signal itself ended the process. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const ended = once(this.#child, 'exit') as Promise<[number | null]>;
    this.#child.kill(signal);
    return (await ended)[0];
  }
}
