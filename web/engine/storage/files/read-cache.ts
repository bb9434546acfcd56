import type { Bytes } from '../../../../shared/bytes.ts';
/** 16 ranges of 1 MiB: enough for a handful of peers who each read a piece of their own in order. */
const defaultCapacityBytes = 16 * 1024 * 1024;

/**
 * Bytes by name within a capacity, least recently used out first, for all torrents together. Reads of one range that overlap in time share
 * one load. A key is in exactly one of: absent, loading, held.
 */
export class ReadCache {
  readonly #capacityBytes: number;
  readonly #dropped: (bytes: Bytes) => void;
  readonly #entries = new Map<string, Bytes>();
  readonly #loading = new Map<string, Promise<Bytes | null>>();
  #heldBytes = 0;

  /** `dropped` gets everything that is no longer held, and what was too large to be held at all. */
  constructor(capacityBytes = defaultCapacityBytes, dropped: (bytes: Bytes) => void = () => undefined) {
    this.#capacityBytes = capacityBytes;
    this.#dropped = dropped;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** What is in memory, or `null`. */
  held(key: string): Bytes | null {
    const bytes = this.#entries.get(key);
    if (bytes === undefined) return null;
    this.#entries.delete(key);
    this.#entries.set(key, bytes);
    return bytes;
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
      if (bytes !== null && this.#loading.get(key) === loading) this.keep(key, bytes);
      return bytes;
    } finally {
      if (this.#loading.get(key) === loading) this.#loading.delete(key);
    }
  }

  keep(key: string, bytes: Bytes): void {
    this.#drop(key);
    if (bytes.length > this.#capacityBytes) {
      this.#dropped(bytes);
      return;
    }
    this.#entries.set(key, bytes);
    this.#heldBytes += bytes.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#heldBytes <= this.#capacityBytes) return;
      this.#drop(oldest);
    }
  }

  /** Drops every key that begins with `prefix`, loads under way included. */
  forget(prefix: string): void {
    for (const key of this.#loading.keys()) if (key.startsWith(prefix)) this.#loading.delete(key);
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#drop(key);
  }

  #drop(key: string): void {
    const bytes = this.#entries.get(key);
    if (bytes === undefined) return;
    this.#entries.delete(key);
    this.#heldBytes -= bytes.length;
    this.#dropped(bytes);
  }
}
