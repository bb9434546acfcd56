import type { Notice } from '../../bridge/protocol.ts';

/** `estimate()` walks the origin's storage in some browsers, and people need no newer figure than this. */
const leastMs = 5000;

/** Tells the page how much this site stores, how much is free, and whether anything is kept after the tab closes. */
export class StorageReport {
  readonly #notify: (notice: Notice) => void;
  #inMemory = false;
  #isComing = false;

  constructor(notify: (notice: Notice) => void) {
    this.#notify = notify;
  }

  /** The browser refuses storage. */
  refused(): void {
    this.#inMemory = true;
    void this.tell();
  }

  /** Something was written or deleted: the page hears within five seconds. */
  touched(): void {
    if (this.#isComing) return;
    this.#isComing = true;
    setTimeout(() => {
      this.#isComing = false;
      void this.tell();
    }, leastMs);
  }

  async tell(): Promise<void> {
    const [estimate, persisted] = await Promise.allSettled([navigator.storage.estimate(), navigator.storage.persisted()]);
    const { quota = 0, usage = 0 } = estimate.status === 'fulfilled' ? estimate.value : {};
    this.#notify({
      kind: 'storage',
      usedBytes: usage,
      freeBytes: Math.max(0, quota - usage),
      persistent: persisted.status === 'fulfilled' && persisted.value,
      inMemory: this.#inMemory,
    });
  }
}
