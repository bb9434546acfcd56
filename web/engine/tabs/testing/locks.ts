interface Waiting {
  readonly begin: () => void;
  readonly fail: (error: Error) => void;
}

/** Web Locks as browsers have them, which Node 20 has not: a queue a name, `ifAvailable`, `signal`, and `steal`, which rejects the holder's request. */
export class Locks {
  readonly #held = new Map<string, (error: Error) => void>();
  readonly #waiting = new Map<string, Waiting[]>();

  /** As `LockManager.request`, with the options left out or not. */
  readonly request = (
    name: string,
    options: LockOptions | ((lock: object) => unknown),
    held?: (lock: object | null) => unknown,
  ): Promise<unknown> => {
    if (typeof options === 'function') return this.#ask(name, {}, options as (lock: object | null) => unknown);
    return this.#ask(name, options, held ?? (() => undefined));
  };

  /** What the browser does when the tab that holds this lock is gone. */
  end(name: string): void {
    this.#held.delete(name);
    this.#next(name);
  }

  #ask(name: string, { ifAvailable, steal, signal }: LockOptions, held: (lock: object | null) => unknown): Promise<unknown> {
    const stolenFrom = this.#held.get(name);
    if (steal === true) {
      stolenFrom?.(new DOMException('stolen', 'AbortError'));
      return this.#hold(name, held);
    }
    if (stolenFrom === undefined) return this.#hold(name, held);
    if (ifAvailable === true) return Promise.resolve(held(null));
    return new Promise((resolve, fail) => {
      const waiting: Waiting = { begin: () => void this.#hold(name, held).then(resolve, fail), fail };
      this.#queue(name).push(waiting);
      signal?.addEventListener('abort', () => this.#leave(name, waiting));
    });
  }

  async #hold(name: string, held: (lock: object | null) => unknown): Promise<unknown> {
    let stolen: (error: Error) => void = () => undefined;
    const theft = new Promise<never>((_, reject) => (stolen = reject));
    this.#held.set(name, stolen);
    try {
      return await Promise.race([held({}), theft]);
    } finally {
      if (this.#held.get(name) === stolen) this.end(name);
    }
  }

  #leave(name: string, waiting: Waiting): void {
    const queue = this.#queue(name);
    const index = queue.indexOf(waiting);
    if (index < 0) return;
    queue.splice(index, 1);
    waiting.fail(new DOMException('aborted', 'AbortError'));
  }

  #queue(name: string): Waiting[] {
    const queue = this.#waiting.get(name) ?? [];
    this.#waiting.set(name, queue);
    return queue;
  }

  #next(name: string): void {
    this.#queue(name).shift()?.begin();
  }
}
