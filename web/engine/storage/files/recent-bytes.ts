type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes by name, within a capacity, least recently used out first. */
export class RecentBytes {
  readonly #capacityBytes: number;
  readonly #dropped: (bytes: Bytes) => void;
  readonly #entries = new Map<string, Bytes>();
  #heldBytes = 0;

  /** `dropped` is told of all that is held no more; also of what was too large to be held at all. */
  constructor(capacityBytes: number, dropped: (bytes: Bytes) => void = () => undefined) {
    this.#capacityBytes = capacityBytes;
    this.#dropped = dropped;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get(key: string): Bytes | null {
    const bytes = this.#entries.get(key);
    if (bytes === undefined) return null;
    this.#entries.delete(key);
    this.#entries.set(key, bytes);
    return bytes;
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

  /** Drops every key that begins with `prefix`. */
  forget(prefix: string): void {
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
