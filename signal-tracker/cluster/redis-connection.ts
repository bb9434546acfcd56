import { createHash } from 'node:crypto';
import { createClient } from 'redis';
import type { Milliseconds } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { beatScript, scripts, type Script } from './scripts.ts';

/**
 * The way to Redis: two connections (commands, and this node's channel), and the one decision whether Redis can be had now. `up` means that a beat
 * went through lately: commands are answered, writes are taken, and our own subscription hears. Everything else is `away`, in which nothing is sent
 * but one beat at a time, so that a Redis that stands still gathers no queue.
 */
export interface ConnectionOptions {
  readonly url: string;
  /** This node's name, new with every start. */
  readonly node: string;
  readonly random: Random;
  /** Letters came on this node's channel. */
  readonly receive: (text: string) => void;
  /** Redis is back, or took this node for dead, or came back empty: what it holds of this node's peers may be gone. */
  readonly restored: () => void;
  /** It went away (with the reason) or came back (`null`). */
  readonly changed: (reason: string | null) => void;
}

/** Scripts that wait for an answer at the same time: 16 MB of offers at worst. The next one is refused, and matched here alone. */
const maxWaiting = 8000;

/** A turn of the watchdog. Turns are counted, not time: a busy node, whose own turns are late, does not take Redis for away. */
const turnMs: Milliseconds = 200;

/** Turns without an answer after which Redis counts as away: 2 s. An announce waits that long once, which is little beside making a connection. */
const patienceTurns = 10;

/** Turns between two beats. */
const beatTurns = 5;

/** A node that does not beat is dead after this: longer than a pause of Redis or a deploy of it takes, shorter than two announces. */
const signLifeMs: Milliseconds = 30_000;

/** Without a byte for so long a connection is dead and made anew, whatever TCP thinks (its own patience is about 15 minutes). */
const silenceMs: Milliseconds = 15_000;

const maxBackOffMs: Milliseconds = 5000;

/** How long a start waits for Redis before the tracker opens without. */
const openMs: Milliseconds = 2000;

/** How long a stop waits for what is under way. */
const drainMs: Milliseconds = 600;

interface Waiting {
  readonly turn: number;
  readonly settle: (reply: unknown) => void;
}

export const channelOf = (node: string): string => `ts:c:${node}`;
export const aliveKeyOf = (node: string): string => `ts:n:${node}`;

const shaOf = new Map(scripts.map((script) => [script, createHash('sha1').update(script.lua).digest('hex')]));

export class RedisConnection {
  readonly #options: ConnectionOptions;
  readonly #commands;
  readonly #subscriber;
  readonly #waiting = new Set<Waiting>();
  readonly #watchdog: NodeJS.Timeout;
  #turn = 0;
  #beating = false;
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
        // Half to all of twice as long each time, so that a hundred nodes do not come back in the same moment.
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
      connection.on('ready', () => void this.#beat());
    }
    this.#watchdog = setInterval(() => this.#watch(), turnMs);
  }

  /** Why Redis is away; `null` while it is up. */
  get reason(): string | null {
    return this.#reason;
  }

  get up(): boolean {
    return this.#reason === null;
  }

  /** Connects. Resolves when Redis is up, or after {@link openMs} without it: it goes on trying. */
  async open(): Promise<void> {
    const given = [this.#commands.connect(), this.#subscribe()];
    for (const attempt of given) attempt.catch((error: unknown) => this.#lose(sentenceOf(error)));
    await Promise.race([Promise.allSettled(given).then(() => this.#beat()), pause(openMs)]);
  }

  /** Runs a script. `null` where Redis is away, busy beyond measure, or refuses: then this node does alone. Never rejects. */
  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    if (!this.up || this.#waiting.size >= maxWaiting) return Promise.resolve(null);
    return this.#send(['EVALSHA', shaOf.get(script)!, String(keys.length), ...keys, ...args]).reply;
  }

  /** Waits a moment for what is under way, says that this node is gone, and hangs up. */
  async close(): Promise<void> {
    const end = performance.now() + drainMs;
    while (this.up && this.#waiting.size > 0 && performance.now() < end) await pause(10);
    clearInterval(this.#watchdog);
    this.#closed = true;
    if (this.up) await Promise.race([this.#send(['DEL', aliveKeyOf(this.#options.node)]).reply, pause(100)]);
    this.#settleAll();
    for (const connection of [this.#commands, this.#subscriber]) if (connection.isOpen) connection.destroy();
  }

  async #subscribe(): Promise<void> {
    await this.#subscriber.connect();
    await this.#subscriber.subscribe(channelOf(this.#options.node), (text) => {
      if (text !== '') this.#options.receive(text);
    });
  }

  /** `reply` settles at the latest when patience ends, `done` when the client itself is through with it. */
  #send(command: readonly string[]): { reply: Promise<unknown>; done: Promise<void> } {
    const sent = this.#commands.sendCommand(command);
    const reply = new Promise<unknown>((resolve) => {
      const waiting: Waiting = {
        turn: this.#turn,
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
    this.#turn += 1;
    const [oldest] = this.#waiting;
    if (oldest !== undefined && this.#turn - oldest.turn > patienceTurns) this.#lose('it does not answer');
    if (!this.up || this.#turn % beatTurns === 0) void this.#beat();
  }

  /** One at a time. Loads the scripts when Redis was away, since it may be another one or have been emptied. */
  async #beat(): Promise<void> {
    if (this.#beating || this.#closed || !this.#commands.isReady) return;
    this.#beating = true;
    const { node } = this.#options;
    const loads = this.up ? [] : scripts.map(({ lua }) => this.#send(['SCRIPT', 'LOAD', lua]));
    const beat = this.#send(['EVALSHA', shaOf.get(beatScript)!, '1', aliveKeyOf(node), channelOf(node), String(signLifeMs)]);
    const reply = (await beat.reply) as readonly [heard: number, known: number] | null;
    if (reply !== null) this.#judge(...reply);
    await Promise.all([...loads, beat].map(({ done }) => done));
    this.#beating = false;
  }

  #judge(heard: number, known: number): void {
    if (this.#closed) return;
    if (heard === 0) {
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

function pause(ms: Milliseconds): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Of a command that failed only its end matters here: why it failed was told to {@link RedisConnection} already. */
function ignore(): undefined {
  return undefined;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}
