import type { Bytes } from '../../../shared/bytes.ts';
import type { Buffers } from '../interfaces.ts';
import { ReadCache } from './files/read-cache.ts';

/**
 * Pieces received last. Rarest first makes peers ask for what came last; a handful of them, each reading a few seconds behind us, need nearly none
 * of it from the database, where a piece of 64 KiB is part of a value of 1 MiB that is read whole.
 */
const defaultRecentBytes = 48 * 1024 * 1024;
const mostSpareBytes = 4 * 1024 * 1024;

/**
 * Buffers for received pieces, pooled, for all torrents together. A piece that is being received takes a buffer; while storage writes it the
 * buffer belongs to the writer; then it is kept here among the recent pieces (least recently used out first) until another piece takes it.
 * Reuse matters: the garbage collector is slow to free buffers outside its heap, and filling a new one costs 0.7 ms a megabyte.
 *
 * What `recent` returns is valid until the caller awaits anything: after that the buffer may hold another piece.
 */
export class BufferPool implements Buffers {
  /** Taken here and not given back yet: only these become spares, each once. */
  readonly #taken = new WeakSet<Bytes>();
  readonly #recent: ReadCache;
  readonly #spares: Bytes[] = [];
  #spareBytes = 0;

  constructor(recentCapacityBytes = defaultRecentBytes) {
    this.#recent = new ReadCache(recentCapacityBytes, (bytes) => this.giveBack(bytes));
  }

  /** Recent pieces and spares. */
  get heldBytes(): number {
    return this.#recent.heldBytes + this.#spareBytes;
  }

  /** A buffer with unknown content. */
  take(length: number): Bytes {
    const at = this.#spares.findLastIndex((spare) => spare.length === length);
    const [spare] = at === -1 ? [] : this.#spares.splice(at, 1);
    if (spare !== undefined) this.#spareBytes -= length;
    const bytes = spare ?? new Uint8Array(length);
    this.#taken.add(bytes);
    return bytes;
  }

  /** The caller is done with this buffer. Ignored where it was not taken here. */
  giveBack(bytes: Bytes): void {
    if (!this.#taken.delete(bytes)) return;
    this.#spares.push(bytes);
    this.#spareBytes += bytes.length;
    while (this.#spareBytes > mostSpareBytes && this.#spares.length > 1) this.#spareBytes -= this.#spares.shift()?.length ?? 0;
  }

  /** Keeps a piece while there is room; then its buffer goes back to the pool. */
  keep(key: string, bytes: Bytes): void {
    this.#recent.keep(key, bytes);
  }

  recent(key: string): Bytes | null {
    return this.#recent.held(key);
  }

  /** Gives back every piece whose key begins with `prefix`. */
  forget(prefix: string): void {
    this.#recent.forget(prefix);
  }
}
