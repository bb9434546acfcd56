const lockName = 'tabswarm-engine';

export interface Candidate {
  /** This tab leads now: start the engine. `alone`: this browser cannot tell whether other tabs do the same. */
  gained(alone: boolean): Promise<void>;
  /** Another tab took the lead: stop everything, write what waits, close storage. */
  lost(): Promise<void>;
  /** The turn came while this tab waited, and the engine failed to start. */
  failed(error: unknown): void;
}

/**
 * One tab at a time leads, by a Web Lock, so that there are never two writers. The others queue for the lock: when the leader closes, reloads
 * or dies, the browser gives it to the one that waited longest. A leader that is frozen keeps its lock, so another tab steals it. Where the
 * browser has no locks, each tab leads for itself.
 */
export class Election {
  readonly #candidate: Candidate;
  #holdsLock = false;
  #isRunning = false;
  /** One begin or end at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #queued: AbortController | null = null;

  constructor(candidate: Candidate) {
    this.#candidate = candidate;
  }

  /** False from the moment another tab took the lead, though this one may still be ending. */
  get holdsLock(): boolean {
    return this.#holdsLock;
  }

  /** Resolves with whether this tab leads now; where it does not, it waits for its turn. Rejects where the engine fails to start. */
  async stand(): Promise<boolean> {
    if (this.#isRunning) return true;
    if (!('locks' in navigator)) return this.#leadAlone();
    if (await this.#request({ ifAvailable: true })) return true;
    this.#queue();
    return false;
  }

  /** Takes the lead from a tab that gives no answer, which also skips the queue. */
  async steal(): Promise<void> {
    if (this.#isRunning || this.#holdsLock) return;
    this.#queued?.abort();
    this.#queued = null;
    await this.#request({ steal: true });
  }

  #queue(): void {
    if (this.#queued !== null) return;
    this.#queued = new AbortController();
    this.#request({ signal: this.#queued.signal }).catch((error: unknown) => this.#candidate.failed(error));
  }

  /**
   * Resolves with `true` once the lock is held and the engine has begun, with `false` where the lock cannot be had. Held until stolen or until
   * the tab ends. Rejects where the engine fails to start: the lock is free for another tab then, and this one does not queue again, or it
   * would fail for ever.
   */
  #request(options: LockOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let isGranted = false;
      const held = navigator.locks.request(lockName, options, async (lock) => {
        if (lock === null) return resolve(false);
        isGranted = true;
        this.#holdsLock = true;
        this.#queued = null;
        const [begun] = await Promise.allSettled([this.#begin(false)]);
        if (begun.status === 'rejected') {
          this.#holdsLock = false;
          await Promise.allSettled([this.#end()]);
          return reject(begun.reason as Error);
        }
        resolve(true);
        await new Promise<never>(() => undefined);
      });
      held.catch((error: unknown) => {
        // The lock was stolen, or we left the queue. Any other error: the browser refuses locks to this page.
        if (!isAbort(error)) return resolve(this.#leadAlone());
        resolve(false);
        if (isGranted && this.#holdsLock) void this.#stolen();
      });
    });
  }

  async #leadAlone(): Promise<boolean> {
    await this.#begin(true);
    return true;
  }

  async #stolen(): Promise<void> {
    this.#holdsLock = false;
    await Promise.allSettled([this.#end()]);
    this.#queue();
  }

  #begin(alone: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isRunning) return;
      this.#isRunning = true;
      await this.#candidate.gained(alone);
    });
  }

  #end(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#isRunning) return;
      this.#isRunning = false;
      await this.#candidate.lost();
    });
  }

  /** A begin or end that fails does not stop those after it. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = Promise.allSettled([done]);
    return done;
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
