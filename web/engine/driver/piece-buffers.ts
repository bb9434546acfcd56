import type { PieceIndex } from '../../../shared/ids.ts';
import type { Geometry } from '../../../shared/torrent/geometry.ts';
import type { Buffers } from '../interfaces.ts';

/** The buffers of unfinished pieces: each is taken from the pool at its piece's first block and handed on whole. */
export class PieceBuffers {
  readonly #pool: Buffers;
  readonly #geometry: Geometry;
  readonly #buffers = new Map<PieceIndex, Uint8Array<ArrayBuffer>>();

  constructor(pool: Buffers, geometry: Geometry) {
    this.#pool = pool;
    this.#geometry = geometry;
  }

  write(piece: PieceIndex, begin: number, block: Uint8Array): void {
    let buffer = this.#buffers.get(piece);
    if (buffer === undefined) {
      buffer = this.#pool.take(this.#geometry.pieceBytes(piece));
      this.#buffers.set(piece, buffer);
    }
    buffer.set(block, begin);
  }

  /** The buffer changes its owner. */
  take(piece: PieceIndex): Uint8Array<ArrayBuffer> {
    const buffer = this.#buffers.get(piece);
    if (buffer === undefined) throw new Error(`piece ${piece} was to be verified without a block`);
    this.#buffers.delete(piece);
    return buffer;
  }

  discard(piece: PieceIndex): void {
    const buffer = this.#buffers.get(piece);
    if (buffer === undefined) return;
    this.#buffers.delete(piece);
    this.#pool.giveBack(buffer);
  }

  clear(): void {
    for (const piece of this.#buffers.keys()) this.discard(piece);
  }
}
