import { sleep } from './timing.ts';

const lockName = 'tabswarm-engine';
const channelName = 'tabswarm-owner';

/** What an owner is given to flush and let go before its lock is taken from it. */
const yieldWithinMs = 2000;

type Word = 'yield' | 'yielded';

export interface OwnerListener {
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
export class Owner {
  readonly #listener: OwnerListener;
  readonly #channel = new BroadcastChannel(channelName);
  #isOwner = false;
  #waiting: AbortController | null = null;
  #yielded: (() => void) | null = null;

  constructor(listener: OwnerListener) {
    this.#listener = listener;
    this.#channel.addEventListener('message', (event: MessageEvent<Word>) => this.#hear(event.data));
  }

  get isOwner(): boolean {
    return this.#isOwner;
  }

  /** Resolves with whether this tab owns the engine now. Where it does not, it waits for the owner to close. */
  async acquire(takeOver: boolean): Promise<boolean> {
    if (this.#isOwner || (await this.#request({ ifAvailable: true }))) return true;
    if (!takeOver) {
      this.#queue();
      return false;
    }
    await this.#askToYield();
    this.#waiting?.abort();
    this.#waiting = null;
    return await this.#request({ steal: true });
  }

  async #askToYield(): Promise<void> {
    const word = new Promise<void>((resolve) => (this.#yielded = resolve));
    this.#say('yield');
    await Promise.race([word, sleep(yieldWithinMs)]);
    this.#yielded = null;
  }

  /** Begins by itself when the owner is gone. */
  #queue(): void {
    if (this.#waiting !== null) return;
    this.#waiting = new AbortController();
    void this.#request({ signal: this.#waiting.signal });
  }

  /** Resolves once the lock is held and the engine has begun, or with `false` where it cannot be had. The lock is held until the tab ends or it is stolen. */
  #request(options: LockOptions): Promise<boolean> {
    return new Promise((resolve) => {
      const held = navigator.locks.request(lockName, options, async (lock) => {
        if (lock === null) return resolve(false);
        this.#waiting = null;
        this.#isOwner = true;
        await this.#listener.gained();
        resolve(true);
        await new Promise<never>(() => undefined);
      });
      // Rejects when the lock was stolen, or when the request was given up: then this tab never was the owner.
      held.catch(() => {
        resolve(false);
        if (this.#isOwner) void this.#leave();
      });
    });
  }

  #hear(word: Word): void {
    if (word === 'yielded') return this.#yielded?.();
    if (this.#isOwner) void this.#leave();
  }

  /** The lock itself stays until it is stolen: nobody else slips in between. */
  async #leave(): Promise<void> {
    this.#isOwner = false;
    await this.#listener.lost();
    this.#say('yielded');
  }

  #say(word: Word): void {
    this.#channel.postMessage(word);
  }
}
