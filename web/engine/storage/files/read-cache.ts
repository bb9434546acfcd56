import type { Bytes } from '../../../../shared/bytes.ts';
import { ReadBudget } from './read-budget.ts';
/**
 * Requests are small and the reads behind them are not: 32 kB of one-byte requests made a page read 2.6 GB at once. Peers cannot have more
 * than this read at a time, however many there are.
 */
const mostReadBytes = 32 * 1024 * 1024;

/** 16 ranges of 1 MiB: enough for a handful of peers who each read a piece of their own in order. */
const defaultCapacityBytes = 16 * 1024 * 1024;

/**
 * Bytes by name within a capacity, least recently used out first, for all torrents together. Reads of one range that overlap in time share
 * one load. A key is in exactly one of: absent, loading, held.
 */
export class ReadCache {
  /** Whole pieces that are read to be hashed, which are larger than the ranges that their reads are made of. */
  readonly checks = new ReadBudget(mostReadBytes);
  readonly #reads = new ReadBudget(mostReadBytes);
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

  /**
   * The range from memory or from `load`, which holds so many `bytes` in memory (0 where another load holds them) and waits until no more than
   * 32 MiB are being read. `null` results and failures are not kept.
   */
  async get(key: string, bytes: number, load: () => Promise<Bytes | null>): Promise<Bytes | null> {
    const held = this.held(key);
    if (held !== null) return held;
    const running = this.#loading.get(key);
    if (running !== undefined) return running;
    const loading = bytes === 0 ? load() : this.#reads.run(bytes, load);
    this.#loading.set(key, loading);
    try {
      const loaded = await loading;
      if (loaded !== null && this.#loading.get(key) === loading) this.keep(key, loaded);
      return loaded;
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
