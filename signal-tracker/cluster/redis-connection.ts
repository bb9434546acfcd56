import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { present } from '../../shared/assert.ts';
import { createClient } from 'redis';
import type { Milliseconds } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { heartbeatScript, scripts, type Script } from './scripts.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** This node's name, new with every start. */
  readonly node: string;
  readonly random: Random;
  /** A batch came on this node's channel. */
  readonly receive: (text: string) => void;
  /** Redis is back, or took this node for dead, or was emptied: this node's peers may be missing in it. */
  readonly restored: () => void;
  /** Redis went away (with the reason) or is back (`null`). */
  readonly changed: (reason: string | null) => void;
}

/** Scripts that may wait for a reply at the same time: 16 MB of offers at worst. The next one is refused, and that announce is matched locally. */
const maxWaiting = 8000;

/** The watchdog's tick. Ticks are counted, not time: a busy node whose own ticks are late does not take Redis for away. */
const tickMs: Milliseconds = 200;

/** Ticks without a reply after which Redis counts as away: 2 s. One announce waits that long, which is short beside making a connection. */
const maxSilentTicks = 10;

/** Ticks between two heartbeats. */
const heartbeatTicks = 5;

/** A node without a heartbeat is dead after this: longer than a pause or a deployment of Redis, shorter than two announces. */
const aliveMs: Milliseconds = 30_000;

/** A connection without a byte for this long is dead and replaced. TCP itself waits about 15 minutes. */
const silenceMs: Milliseconds = 15_000;

const maxBackOffMs: Milliseconds = 5000;

/** How long a start waits for Redis before the tracker opens without it. */
const openMs: Milliseconds = 2000;

/** How long a stop waits for running commands. */
const drainMs: Milliseconds = 600;

interface Waiting {
  readonly tick: number;
  readonly settle: (reply: unknown) => void;
}

export const channelOf = (node: string): string => `ts:c:${node}`;
export const aliveKeyOf = (node: string): string => `ts:n:${node}`;

const shas = new Map(scripts.map((script) => [script, createHash('sha1').update(script.lua).digest('hex')]));

/** Under this Redis knows it. */
function shaOf(script: Script): string {
  return present(shas.get(script), 'every script is in the list');
}

/**
 * The connection to Redis: two sockets (commands, and this node's channel), and the one decision whether Redis is usable now. `up` means that a
 * heartbeat succeeded lately: commands are answered, writes are accepted, and our own subscription receives. Otherwise Redis is away and nothing is
 * sent but one heartbeat at a time, so that no queue builds up in front of a Redis that hangs.
 */
export class RedisConnection {
  readonly #options: ConnectionOptions;
  readonly #commands;
  readonly #subscriber;
  readonly #waiting = new Set<Waiting>();
  readonly #watchdog: NodeJS.Timeout;
  #tick = 0;
  #heartbeatRuns = false;
  #closed = false;
  #reason: string | null = 'it was not reached yet';

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const client = {
      url: options.url,
      disableOfflineQueue: true,
      socket: {
        connectTimeout: maxBackOffMs,
        socketTimeout: silenceMs,
        // Doubled each time, with jitter, so that a hundred nodes do not come back at the same moment.
        reconnectStrategy: (retries: number) => {
          const ms = Math.min(maxBackOffMs, 100 * 2 ** Math.min(retries, 6));
          return ms / 2 + options.random.below(ms / 2 + 1);
        },
      },
    };
    this.#commands = createClient(client);
    this.#subscriber = createClient({ ...client, disableOfflineQueue: false });
    for (const connection of [this.#commands, this.#subscriber]) {
      connection.on('error', (error) => this.#lose(sentenceOf(error)));
      connection.on('ready', () => void this.#heartbeat());
    }
    this.#watchdog = setInterval(() => this.#watch(), tickMs);
  }

  /** Why Redis is away; `null` while it is up. */
  get reason(): string | null {
    return this.#reason;
  }

  get up(): boolean {
    return this.#reason === null;
  }

  /** Connects. Resolves when Redis is up, or after {@link openMs}; the attempts continue. */
  async open(): Promise<void> {
    const given = [this.#commands.connect(), this.#subscribe()];
    for (const attempt of given) attempt.catch((error: unknown) => this.#lose(sentenceOf(error)));
    await Promise.race([Promise.allSettled(given).then(() => this.#heartbeat()), sleep(openMs)]);
  }

  /** Runs a script. `null` if Redis is away, overloaded, or refuses: then this node continues alone. Never rejects. */
  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    if (!this.up || this.#waiting.size >= maxWaiting) return Promise.resolve(null);
    return this.#send(['EVALSHA', shaOf(script), String(keys.length), ...keys, ...args]).reply;
  }

  /** Waits a moment for running commands, removes this node's alive key, and disconnects. */
  async close(): Promise<void> {
    const end = performance.now() + drainMs;
    while (this.up && this.#waiting.size > 0 && performance.now() < end) await sleep(10);
    clearInterval(this.#watchdog);
    this.#closed = true;
    if (this.up) await Promise.race([this.#send(['DEL', aliveKeyOf(this.#options.node)]).reply, sleep(100)]);
    this.#settleAll();
    for (const connection of [this.#commands, this.#subscriber]) if (connection.isOpen) connection.destroy();
  }

  async #subscribe(): Promise<void> {
    await this.#subscriber.connect();
    // The client subscribes again after a lost connection, but not where that was lost before the first answer.
    for (let subscribed = false; !subscribed && !this.#closed;) {
      try {
        await this.#subscriber.subscribe(channelOf(this.#options.node), (text) => {
          if (text !== '') this.#options.receive(text);
        });
        subscribed = true;
      } catch (error) {
        if (this.#closed) return;
        this.#lose(sentenceOf(error));
        await sleep(1000, undefined, { ref: false });
      }
    }
  }

  /** `reply` settles at the latest when Redis counts as away, `done` when the client has finished the command. */
  #send(command: readonly string[]): { reply: Promise<unknown>; done: Promise<void> } {
    const sent = this.#commands.sendCommand(command);
    const reply = new Promise<unknown>((resolve) => {
      const waiting: Waiting = {
        tick: this.#tick,
        settle: (value) => {
          this.#waiting.delete(waiting);
          resolve(value);
        },
      };
      this.#waiting.add(waiting);
      sent.then(waiting.settle, (error: unknown) => {
        this.#lose(sentenceOf(error));
        waiting.settle(null);
      });
    });
    return { reply, done: sent.then(ignore, ignore) };
  }

  #watch(): void {
    this.#tick += 1;
    const [oldest] = this.#waiting;
    if (oldest !== undefined && this.#tick - oldest.tick > maxSilentTicks) this.#lose('it does not answer');
    if (!this.up || this.#tick % heartbeatTicks === 0) void this.#heartbeat();
  }

  /** One at a time. Loads the scripts if Redis was away, since it may be another one or may have been emptied. */
  async #heartbeat(): Promise<void> {
    if (this.#heartbeatRuns || this.#closed || !this.#commands.isReady) return;
    this.#heartbeatRuns = true;
    const { node } = this.#options;
    const loads = this.up ? [] : scripts.map(({ lua }) => this.#send(['SCRIPT', 'LOAD', lua]));
    const heartbeat = this.#send(['EVALSHA', shaOf(heartbeatScript), '1', aliveKeyOf(node), channelOf(node), String(aliveMs)]);
    const reply = (await heartbeat.reply) as readonly [received: number, known: number] | null;
    if (reply !== null) this.#judgeHeartbeat(...reply);
    await Promise.all([...loads, heartbeat].map(({ done }) => done));
    this.#heartbeatRuns = false;
  }

  #judgeHeartbeat(received: number, known: number): void {
    if (this.#closed) return;
    if (received === 0) {
      this.#lose('its messages do not reach this node');
      return;
    }
    const wasAway = !this.up;
    this.#reason = null;
    if (wasAway) this.#options.changed(null);
    if (wasAway || known === 0) this.#options.restored();
  }

  #lose(reason: string): void {
    const wasUp = this.up;
    this.#reason = reason;
    if (wasUp && !this.#closed) this.#options.changed(reason);
    this.#settleAll();
  }

  #settleAll(): void {
    for (const { settle } of this.#waiting) settle(null);
  }
}

/** Why a command failed was handled already; here only its end matters. */
function ignore(): undefined {
  return undefined;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}
