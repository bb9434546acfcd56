import type { PieceIndex } from '../../../../shared/ids.ts';
import { type PieceBackend, recordBytes } from './piece-backend.ts';
import type { Batch } from './write-behind.ts';

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

  close(): Promise<void> {
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.#pieces.clear();
    return Promise.resolve();
  }
}
