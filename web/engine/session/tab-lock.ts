import { sleep } from '../lib/timing.ts';

const lockName = 'tabswarm-engine';
const channelName = 'tabswarm-owner';

/** The time that an owner has to flush its storage before its lock is stolen. */
const yieldWithinMs = 2000;

/** An owner that yielded starts again if its lock is not stolen by then: the tab that asked is gone. */
const takenWithinMs = 5000;

type Word = 'yield' | 'yielded';

export interface TabLockListener {
  /** This tab owns the engine now: start it. */
  gained(): Promise<void>;
  /** Another tab takes over: stop everything, write what waits, close storage. */
  lost(): Promise<void>;
}

/**
 * One tab at a time owns the engine, by a Web Lock, so that there are never two writers. Other tabs queue for the lock: when the owner
 * closes, the one that waited longest starts by itself. A tab that takes over asks the owner to yield, waits for its answer (2 s at most,
 * because it may hang), and steals the lock, which also skips the queue. The former owner queues again.
 */
export class TabLock {
  readonly #listener: TabLockListener;
  readonly #channel = new BroadcastChannel(channelName);
  #holdsLock = false;
  #isRunning = false;
  /** One begin or end at a time: a tab that is asked to yield while it begins finishes beginning first. */
  #turn: Promise<unknown> = Promise.resolve();
  #queued: AbortController | null = null;
  #yielded: (() => void) | null = null;

  constructor(listener: TabLockListener) {
    this.#listener = listener;
    this.#channel.addEventListener('message', (event: MessageEvent<Word>) => this.#hear(event.data));
  }

  /** Resolves with whether this tab owns the engine now. Where it does not, it waits for the owner to close. Rejects where the engine fails to start. */
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

  /** Starts by itself when the owner is gone. */
  #queue(): void {
    if (this.#queued !== null) return;
    this.#queued = new AbortController();
    void this.#request({ signal: this.#queued.signal });
  }

  /**
   * Resolves with `true` once the lock is held and the engine has begun, with `false` where the lock cannot be had. Held until stolen or until
   * the tab ends. Rejects where the engine fails to start: the lock is free for another tab then, and this one does not queue again, or it
   * would fail for ever.
   */
  #request(options: LockOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const held = navigator.locks.request(lockName, options, async (lock) => {
        if (lock === null) return resolve(false);
        this.#holdsLock = true;
        this.#queued = null;
        const [begun] = await Promise.allSettled([this.#begin()]);
        if (begun.status === 'rejected') {
          this.#holdsLock = false;
          await Promise.allSettled([this.#end()]);
          return reject(begun.reason as Error);
        }
        resolve(true);
        await new Promise<never>(() => undefined);
      });
      // Otherwise the request ends only when the lock is stolen, or when we left the queue: then we never held it.
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

  /** The lock is kept until it is stolen, so that no third tab can take it in between. */
  async #yield(): Promise<void> {
    const [ended] = await Promise.allSettled([this.#end()]);
    this.#say('yielded');
    await sleep(takenWithinMs);
    if (this.#holdsLock) await this.#begin();
    if (ended.status === 'rejected') throw ended.reason;
  }

  async #stolen(): Promise<void> {
    this.#holdsLock = false;
    try {
      await this.#end();
    } finally {
      this.#queue();
    }
  }

  #begin(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isRunning) return;
      this.#isRunning = true;
      await this.#listener.gained();
    });
  }

  #end(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#isRunning) return;
      this.#isRunning = false;
      await this.#listener.lost();
    });
  }

  /** A begin or end that fails does not stop those after it. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = Promise.allSettled([done]);
    return done;
  }

  #say(word: Word): void {
    this.#channel.postMessage(word);
  }
}
