import type { SnapshotChanges } from '../interfaces.ts';
import type { TorrentStorage } from '../storage/torrent-storage.ts';

/** Hashes everything that is stored of a torrent again; one run at a time. */
export class Recheck {
  readonly #changes: SnapshotChanges;
  #running = new AbortController();
  #bytes: number | null = null;

  constructor(changes: SnapshotChanges) {
    this.#changes = changes;
  }

  /** Bytes checked so far; `null` while no check runs. */
  get bytes(): number | null {
    return this.#bytes;
  }

  /** Resolves with `false` where a later run replaced this one, or `over` was aborted. */
  async run(storage: Pick<TorrentStorage, 'check'>, over: AbortSignal): Promise<boolean> {
    this.#running.abort();
    this.#running = new AbortController();
    const signal = AbortSignal.any([over, this.#running.signal]);
    const progress = (bytes: number): void => {
      this.#bytes = bytes;
      this.#changes.changed();
    };
    // A check may be over before numbers are shown again: whoever asked for it sees it begin.
    this.#bytes = 0;
    this.#changes.awaited();
    try {
      await storage.check(progress, signal);
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    } finally {
      if (!signal.aborted) this.#bytes = null;
      this.#changes.changed();
    }
    return true;
  }
}
