import { RecentBytes } from './recent-bytes.ts';

/** 16 ranges of 1 MiB: enough for a handful of peers who each read a piece of their own in order. */
const defaultCapacityBytes = 16 * 1024 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Recently read ranges of pieces, least recently used out first, for all torrents together. Reads of the same range
 * that overlap in time share one load. A key is in exactly one of: absent, loading, held.
 */
export class ReadCache {
  readonly #held: RecentBytes;
  readonly #loading = new Map<string, Promise<Bytes | null>>();

  constructor(capacityBytes = defaultCapacityBytes) {
    this.#held = new RecentBytes(capacityBytes);
  }

  get heldBytes(): number {
    return this.#held.heldBytes;
  }

  /** What is in memory, or `null`. */
  held(key: string): Bytes | null {
    return this.#held.get(key);
  }

  /** The range from memory or from `load`; `null` results and failures are not kept. */
  async get(key: string, load: () => Promise<Bytes | null>): Promise<Bytes | null> {
    const held = this.held(key);
    if (held !== null) return held;
    const running = this.#loading.get(key);
    if (running !== undefined) return running;
    const loading = load();
    this.#loading.set(key, loading);
    try {
      const bytes = await loading;
      if (bytes !== null && this.#loading.get(key) === loading) this.#held.keep(key, bytes);
      return bytes;
    } finally {
      if (this.#loading.get(key) === loading) this.#loading.delete(key);
    }
  }

  /** Forgets every key that begins with `prefix`, loads under way included. */
  forget(prefix: string): void {
    for (const key of this.#loading.keys()) if (key.startsWith(prefix)) this.#loading.delete(key);
    this.#held.forget(prefix);
  }
}
