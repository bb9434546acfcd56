import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TabLock, type TabLockListener } from './tab-lock.ts';

/** One Web Lock as browsers have it, which Node 20 has not: a queue, `ifAvailable`, and `steal`, which rejects the holder's request. */
class Locks {
  #holder: ((error: Error) => void) | null = null;
  readonly #waiting: (() => void)[] = [];

  request(_name: string, { ifAvailable, steal }: LockOptions, held: (lock: object | null) => Promise<unknown>): Promise<unknown> {
    if (steal === true) this.#holder?.(new DOMException('stolen', 'AbortError'));
    else if (this.#holder !== null && ifAvailable === true) return held(null);
    else if (this.#holder !== null) return new Promise((resolve) => this.#waiting.push(() => resolve(this.#hold(held))));
    return this.#hold(held);
  }

  async #hold(held: (lock: object | null) => Promise<unknown>): Promise<unknown> {
    let stolen: (error: Error) => void = () => undefined;
    const theft = new Promise<never>((_, reject) => (stolen = reject));
    this.#holder = stolen;
    try {
      return await Promise.race([held({}), theft]);
    } finally {
      if (this.#holder === stolen) {
        this.#holder = null;
        this.#waiting.shift()?.();
      }
    }
  }
}

class Tab implements TabLockListener {
  readonly log: string[] = [];
  readonly lock = new TabLock(this);
  failing: 'gained' | 'lost' | null = null;

  async gained(): Promise<void> {
    this.log.push('gained');
    if (this.failing === 'gained') throw new Error('cannot start');
  }

  async lost(): Promise<void> {
    this.log.push('lost');
    if (this.failing === 'lost') throw new Error('cannot stop');
  }
}

const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
let others: NodeJS.UnhandledRejectionListener[] = [];

beforeEach(() => {
  unhandled.length = 0;
  others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', note);
  vi.stubGlobal('navigator', { locks: new Locks() });
});

afterEach(() => {
  process.removeAllListeners('unhandledRejection');
  for (const other of others) process.on('unhandledRejection', other);
  vi.unstubAllGlobals();
});

test('a tab that fails to stop still yields, and starts again when asked', async () => {
  const [first, second] = [new Tab(), new Tab()];
  expect(await first.lock.acquire(false)).toBe(true);
  first.failing = 'lost';
  expect(await second.lock.acquire(true)).toBe(true);
  expect(first.log).toEqual(['gained', 'lost']);
  first.failing = null;
  expect(await first.lock.acquire(true)).toBe(true);
  expect([first.log, second.log]).toEqual([
    ['gained', 'lost', 'gained'],
    ['gained', 'lost'],
  ]);
});

test('a tab that fails to start reports it once and frees the lock', async () => {
  const [first, second] = [new Tab(), new Tab()];
  first.failing = 'gained';
  await expect(first.lock.acquire(false)).rejects.toThrow('cannot start');
  expect(first.log).toEqual(['gained', 'lost']);
  expect(await second.lock.acquire(false)).toBe(true);
  expect(await first.lock.acquire(false)).toBe(false);
});
