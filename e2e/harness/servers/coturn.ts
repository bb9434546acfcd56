import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { turnserverPath } from '../system/installed.ts';
import { freePort, until } from '../system/ports.ts';

/** Where it listens and how its process starts; by default on a free port of loopback. */
export interface CoturnPlace {
  readonly address: string;
  readonly port: number;
  readonly start: (program: string, args: readonly string[]) => ChildProcess;
  /** A second port for UDP, to another server's likeness. */
  readonly secondPort?: number;
  /** With them it also speaks TLS, on a port of its own. */
  readonly tls?: { readonly port: number; readonly cert: string; readonly key: string };
}

const onLoopback = async (): Promise<CoturnPlace> => ({
  address: '127.0.0.1',
  port: await freePort(),
  start: (program, args) => spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }),
});

/** The coturn of Debian as its own process on loopback, with time-limited credentials made from a secret. */
export class Coturn {
  readonly port: number;
  readonly secret: string;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(child: ChildProcess, port: number, secret: string) {
    this.port = port;
    this.secret = secret;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (this.#said += String(chunk)));
  }

  /** Its files go into `directory`. */
  static async start(directory: string, secret: string, where?: CoturnPlace): Promise<Coturn> {
    const { address, port, start, tls, secondPort } = where ?? (await onLoopback());
    const place = ['-n', '--listening-ip', address, '--relay-ip', address, '--listening-port', String(port), '--allow-loopback-peers'];
    const second = secondPort === undefined ? [] : ['--aux-server', `${address.includes(':') ? `[${address}]` : address}:${secondPort}`];
    const credentials = ['--use-auth-secret', '--static-auth-secret', secret, '--realm', 'tabswarm.test'];
    const encryption = tls === undefined ? ['--no-tls'] : ['--tls-listening-port', String(tls.port), '--cert', tls.cert, '--pkey', tls.key];
    const quiet = ['--no-dtls', '--no-cli', '--log-file', 'stdout', '--verbose'];
    const files = ['--pidfile', join(directory, 'coturn.pid'), '--userdb', join(directory, 'coturn.db')];
    const child = start(turnserverPath(), [...place, ...second, ...credentials, ...encryption, ...quiet, ...files]);
    const coturn = new Coturn(child, port, secret);
    await until(`coturn on port ${port}`, 60_000, () => {
      if (child.exitCode !== null) throw new Error(`coturn ended with code ${child.exitCode}:\n${coturn.#said}`);
      return coturn.#said.includes(`UDP listener opened on: ${address}:${port}`);
    });
    return coturn;
  }

  get url(): string {
    return `turn:127.0.0.1:${this.port}`;
  }

  /** Relay addresses handed out so far. */
  get allocations(): number {
    return this.#said.split('ALLOCATE processed, success').length - 1;
  }

  /** Requests refused for their credentials. The first request of every client is one: it asks for the realm (RFC 8656, section 9). */
  get refusals(): number {
    return this.#said.split('error 401: Unauthorized').length - 1;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
