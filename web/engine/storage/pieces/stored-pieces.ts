import type { Bytes } from '../../../../shared/bytes.ts';
import type { InfoHash, PieceIndex } from '../../../../shared/ids.ts';
import { Bitfield } from '../../../../shared/swarm/lib/bitfield.ts';
import type { Geometry } from '../../../../shared/torrent/geometry.ts';
import { isQuotaExceeded, openOrBeginAnew, piecesName, retried } from './database.ts';
import { IndexedDbBackend } from './indexeddb-backend.ts';

import { MemoryBackend, recordBytes, type PieceBackend } from './piece-backend.ts';
import { WriteBehind, type Batch } from './write-behind.ts';

export interface PiecesListener {
  /** Storage is full: waiting pieces stay in memory until `retry`. */
  storageFull(): void;
  /** The browser refuses storage: everything from now on is in memory only. */
  storageRefused(): void;
}

/** Faults of the database in a row, four seconds in all, after which this visit goes on in memory. */
const maxWriteFaults = 3;

/** Verified pieces kept by this browser. A piece is in exactly one of: absent, waiting (in memory, not yet durable), stored. */
export class StoredPieces {
  /** Pieces that can be read, waiting ones included. */
  readonly have: Bitfield;
  readonly #geometry: Geometry;
  readonly #listener: PiecesListener;
  readonly #writes: WriteBehind;
  #backend: PieceBackend;
  /** A database that failed while we were running: what it holds may still be readable. */
  #former: PieceBackend | null = null;
  /** Since the last write that succeeded; several at once count as one. */
  #failedWrites = 0;
  /** Closed, or deleted with the torrent: what is verified after that is not kept. */
  #isOver = false;

  /** `have`: what the backend said it holds. */
  constructor(backend: PieceBackend, have: Bitfield, geometry: Geometry, listener: PiecesListener) {
    this.#backend = backend;
    this.have = have;
    this.#geometry = geometry;
    this.#listener = listener;
    this.#writes = new WriteBehind({
      write: (batch) => this.#write(batch),
      writeFailed: (error, isNew) => this.#writeFailed(error, isNew),
      after: (delayMs, callback) => void setTimeout(callback, delayMs),
    });
  }

  get inMemory(): boolean {
    return this.#backend.inMemory;
  }

  get waitingBytes(): number {
    return this.#writes.waitingBytes;
  }

  /** True between a QuotaExceededError and the next {@link retry}. */
  get full(): boolean {
    return this.#writes.stopped;
  }

  /** Bytes of all pieces held. */
  get heldBytes(): number {
    let bytes = 0;
    for (let piece = 0; piece < this.have.size; piece++) if (this.have.has(piece)) bytes += this.#geometry.pieceBytes(piece);
    return bytes;
  }

  /**
   * Keeps a verified piece. It is readable at once; the promise resolves when it is durable, and the bytes must not change until then.
   * Waits for room and never rejects for want of it.
   */
  enqueue(piece: PieceIndex, bytes: Bytes): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.have.set(piece);
    return this.#writes.add(piece, bytes);
  }

  /** The bytes of a piece that is not durable yet, valid until the caller awaits anything. */
  waiting(piece: PieceIndex): Bytes | null {
    return this.#writes.get(piece) ?? null;
  }

  ready(): Promise<void> {
    return this.#writes.ready();
  }

  retry(): void {
    this.#writes.retry();
  }

  flush(): Promise<void> {
    return this.#writes.flush();
  }

  /**
   * Record `record` of a piece (see `recordBytes`), `null` where it is not there. Rejects where the database fails several tries: the record
   * may well be there.
   */
  async read(piece: PieceIndex, record: number): Promise<Bytes | null> {
    const waiting = this.waiting(piece);
    if (waiting !== null) return waiting.slice(record * recordBytes, (record + 1) * recordBytes);
    const former = this.#former;
    const found = await retried(() => this.#backend.read(piece, record));
    return found ?? (former === null ? null : retried(() => former.read(piece, record)));
  }

  /** A piece cannot be read in this visit. What is stored stays: the next start may read it. */
  giveUp(piece: PieceIndex): void {
    this.have.clear(piece);
  }

  /** Clears a lost or damaged piece. Where even that cannot be written, the next start finds it by its hash. */
  async forget(piece: PieceIndex): Promise<void> {
    this.have.clear(piece);
    await Promise.allSettled([this.#backend.forget([piece])]);
  }

  /** Deletes these pieces, which can be stored again. Rejects where the database fails: then they are deleted with the torrent. */
  async delete(pieces: readonly PieceIndex[]): Promise<void> {
    await this.#writes.flush();
    for (const piece of pieces) this.have.clear(piece);
    await Promise.all([this.#backend.delete(pieces), this.#former?.delete(pieces)]);
  }

  /** Flushes and closes the database. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#writes.flush();
    await Promise.allSettled([this.#backend.close(), this.#former?.close()]);
  }

  /** Deletes everything; replies with the bytes that were held. */
  async destroy(): Promise<number> {
    this.#isOver = true;
    const freedBytes = this.heldBytes;
    await this.#writes.flush();
    await this.#backend.destroy();
    await this.#former?.destroy();
    return freedBytes;
  }

  async #write(batch: Batch): Promise<void> {
    await this.#backend.write(batch);
    this.#failedWrites = 0;
  }

  /** Three retries, then memory: a broken browser profile must not end a download. */
  #writeFailed(error: unknown, isNew: boolean): 'wait' | 'again' {
    if (isQuotaExceeded(error)) {
      this.#listener.storageFull();
      return 'wait';
    }
    if (isNew) this.#failedWrites++;
    if (this.#failedWrites > maxWriteFaults && !this.#backend.inMemory) {
      this.#former = this.#backend;
      this.#backend = new MemoryBackend();
      this.#listener.storageRefused();
    }
    return 'again';
  }
}

export interface OpenedPieces {
  readonly pieces: StoredPieces;
  /** The database did not open and was made anew: its content is lost. */
  readonly lost: boolean;
}

/** Opens a torrent's database, or memory where the browser refuses. */
export async function openPieces(infoHash: InfoHash, geometry: Geometry, listener: PiecesListener): Promise<OpenedPieces> {
  const name = piecesName(infoHash);
  const { pieceCount, pieceLength } = geometry;
  const opened = await openOrBeginAnew(name, async () => {
    const backend = new IndexedDbBackend(name, pieceCount, pieceLength);
    return { backend, bits: await backend.load() };
  });
  if (opened === null) {
    listener.storageRefused();
    return { pieces: new StoredPieces(new MemoryBackend(), new Bitfield(pieceCount), geometry, listener), lost: false };
  }
  const { backend, bits } = opened.value;
  const have = bits === null ? new Bitfield(pieceCount) : Bitfield.of(pieceCount, bits);
  return { pieces: new StoredPieces(backend, have, geometry, listener), lost: opened.lost };
}
