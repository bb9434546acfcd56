import type { PieceIndex } from '../../../../shared/ids.ts';
import type { Batch } from './write-behind.ts';

/**
 * Records are at most 1 MiB, so that serving a block of a large piece reads no more than that. Chromium writes values of this size as
 * files beside the database: 170 MB/s in transactions of a few MiB against 63 MB/s for single puts of 256 KiB.
 */
export const recordBytes = 1024 * 1024;

/** Where pieces are kept: in IndexedDB, or in memory until the tab closes. */
export interface PieceBackend {
  readonly inMemory: boolean;
  /** The bitfield of stored pieces, `null` where nothing was ever stored. */
  load(): Promise<Uint8Array | null>;
  /** Writes all pieces and their bits, or nothing. The bytes belong to the caller again when it resolves. */
  write(batch: Batch): Promise<void>;
  /** Record `record` of a piece: its bytes from `record × recordBytes` on. */
  read(piece: PieceIndex, record: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Clears the bits of pieces that turned out lost or damaged. */
  forget(pieces: readonly PieceIndex[]): Promise<void>;
  /** Deletes these pieces; others can be written afterwards. */
  delete(pieces: readonly PieceIndex[]): Promise<void>;
  /** Closes the database. */
  close(): Promise<void>;
  destroy(): Promise<void>;
}

/** For private windows and browsers whose storage is broken: everything is lost when the tab closes. */
export class MemoryBackend implements PieceBackend {
  readonly inMemory: boolean = true;
  readonly #pieces = new Map<PieceIndex, Uint8Array<ArrayBuffer>>();

  load(): Promise<Uint8Array | null> {
    return Promise.resolve(null);
  }

  write(batch: Batch): Promise<void> {
    for (const [piece, bytes] of batch) this.#pieces.set(piece, bytes.slice());
    return Promise.resolve();
  }

  read(piece: PieceIndex, record: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = this.#pieces.get(piece);
    return Promise.resolve(bytes === undefined ? null : bytes.subarray(record * recordBytes, (record + 1) * recordBytes));
  }

  forget(pieces: readonly PieceIndex[]): Promise<void> {
    for (const piece of pieces) this.#pieces.delete(piece);
    return Promise.resolve();
  }

  delete(pieces: readonly PieceIndex[]): Promise<void> {
    return this.forget(pieces);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.#pieces.clear();
    return Promise.resolve();
  }
}
