import { sleep } from '../lib/timing.ts';

const lockName = 'tabswarm-engine';
const channelName = 'tabswarm-owner';

/** What an owner is given to flush and let go before its lock is taken from it. */
const yieldWithinMs = 2000;

/** An owner that let go and was not taken from by then goes on: whoever asked is gone. */
const takenWithinMs = 5000;

type Word = 'yield' | 'yielded';

export interface TabLockListener {
  /** This tab owns the engine now: begin. */
  gained(): Promise<void>;
  /** Another tab takes over: stop everything, write what waits, let go of storage. */
  lost(): Promise<void>;
}

/**
 * One tab at a time owns the engine, held by a Web Lock, so that there are never two writers. Tabs that wait queue for the lock: when the
 * owner is closed, the longest waiting one begins by itself. A tab that takes over asks the owner to let go, waits for its word (2 s at
 * most, it may hang), and steals the lock, which also jumps that queue. The former owner queues again.
 */
export class TabLock {
  readonly #listener: TabLockListener;
  readonly #channel = new BroadcastChannel(channelName);
  #holdsLock = false;
  #isRunning = false;
  /** Beginnings and endings one after the other: a tab asked to yield while it begins first has begun. */
  #turn: Promise<void> = Promise.resolve();
  #queued: AbortController | null = null;
  #yielded: (() => void) | null = null;

  constructor(listener: TabLockListener) {
    this.#listener = listener;
    this.#channel.addEventListener('message', (event: MessageEvent<Word>) => this.#hear(event.data));
  }

  /** Resolves with whether this tab owns the engine now. Where it does not, it waits for the owner to close. */
  async acquire(takeOver: boolean): Promise<boolean> {
    if (this.#isRunning || (await this.#request({ ifAvailable: true }))) return true;
    if (!takeOver) {
      this.#queue();
      return false;
    }
    await this.#askToYield();
    this.#queued?.abort();
    this.#queued = null;
    return this.#request({ steal: true });
  }

  async #askToYield(): Promise<void> {
    const word = new Promise<void>((resolve) => (this.#yielded = resolve));
    this.#say('yield');
    await Promise.race([word, sleep(yieldWithinMs)]);
    this.#yielded = null;
  }

  /** Begins by itself when the owner is gone. */
  #queue(): void {
    if (this.#queued !== null) return;
    this.#queued = new AbortController();
    void this.#request({ signal: this.#queued.signal });
  }

  /** Resolves with `true` once the lock is held and the engine has begun, with `false` where the lock cannot be had. Held until stolen or until the tab ends. */
  #request(options: LockOptions): Promise<boolean> {
    return new Promise((resolve) => {
      const held = navigator.locks.request(lockName, options, async (lock) => {
        if (lock === null) return resolve(false);
        this.#holdsLock = true;
        this.#queued = null;
        await this.#begin();
        resolve(true);
        await new Promise<never>(() => undefined);
      });
      // The request ends otherwise only when the lock is stolen, or when we gave up queueing: then we never held it.
      held.catch(() => {
        resolve(false);
        if (this.#holdsLock) void this.#stolen();
      });
    });
  }

  #hear(word: Word): void {
    if (word === 'yielded') this.#yielded?.();
    else if (this.#holdsLock) void this.#yield();
  }

  /** The lock itself is kept until it is stolen, so that no third tab slips in between. */
  async #yield(): Promise<void> {
    await this.#end();
    this.#say('yielded');
    await sleep(takenWithinMs);
    if (this.#holdsLock) await this.#begin();
  }

  async #stolen(): Promise<void> {
    this.#holdsLock = false;
    await this.#end();
    this.#queue();
  }

  #begin(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (this.#isRunning) return;
      this.#isRunning = true;
      await this.#listener.gained();
    });
    return this.#turn;
  }

  #end(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (!this.#isRunning) return;
      this.#isRunning = false;
      await this.#listener.lost();
    });
    return this.#turn;
  }

  #say(word: Word): void {
    this.#channel.postMessage(word);
  }
}
