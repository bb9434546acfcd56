import { RecentBytes } from './files/recent-bytes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Pieces received last: a handful of peers, each reading a few seconds behind us, need none of them from the database. */
const defaultRecentBytes = 8 * 1024 * 1024;
const mostSpareBytes = 4 * 1024 * 1024;

/**
 * The memory of received pieces, for all torrents together. A buffer goes round: taken for a piece in the making, it waits for storage
 * with its owner, is kept here among the recent ones (least recently used out first), and then taken again. The garbage collector does not
 * hurry for buffers outside its heap, and a new one costs 0.7 ms a megabyte to fill for the first time.
 *
 * Bytes that are asked for by `recent` are good until the caller awaits anything: after that the buffer may hold another piece.
 */
export class BufferPool {
  /** Taken here and not given back: nothing else ever becomes a spare, and nothing twice. */
  readonly #taken = new WeakSet<Bytes>();
  readonly #recent: RecentBytes;
  readonly #spares: Bytes[] = [];
  #spareBytes = 0;

  constructor(recentCapacityBytes = defaultRecentBytes) {
    this.#recent = new RecentBytes(recentCapacityBytes, (bytes) => this.giveBack(bytes));
  }

  /** Recent pieces and spares. */
  get heldBytes(): number {
    return this.#recent.heldBytes + this.#spareBytes;
  }

  /** A buffer with anything in it. */
  take(length: number): Bytes {
    const at = this.#spares.findLastIndex((spare) => spare.length === length);
    const [spare] = at === -1 ? [] : this.#spares.splice(at, 1);
    if (spare !== undefined) this.#spareBytes -= length;
    const bytes = spare ?? new Uint8Array(length);
    this.#taken.add(bytes);
    return bytes;
  }

  /** Nobody reads these bytes any more. Nothing where they were not taken here. */
  giveBack(bytes: Bytes): void {
    if (!this.#taken.delete(bytes)) return;
    this.#spares.push(bytes);
    this.#spareBytes += bytes.length;
    while (this.#spareBytes > mostSpareBytes && this.#spares.length > 1) this.#spareBytes -= this.#spares.shift()!.length;
  }

  /** Keeps a piece as long as there is room for it, and gives it back then. */
  keep(key: string, bytes: Bytes): void {
    this.#recent.keep(key, bytes);
  }

  recent(key: string): Bytes | null {
    return this.#recent.get(key);
  }

  /** Gives back every piece whose key begins with `prefix`. */
  forget(prefix: string): void {
    this.#recent.forget(prefix);
  }
}
