import type { PieceIndex } from '../../shared/ids.ts';
import type { Geometry } from '../../shared/torrent/geometry.ts';

/** The buffers of pieces in the making: one allocation a piece, made at its first block and handed on whole. */
export class Assembly {
  readonly #geometry: Geometry;
  readonly #buffers = new Map<PieceIndex, Uint8Array<ArrayBuffer>>();

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
  }

  write(piece: PieceIndex, begin: number, block: Uint8Array): void {
    let buffer = this.#buffers.get(piece);
    if (buffer === undefined) {
      buffer = new Uint8Array(this.#geometry.pieceBytes(piece));
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
    this.#buffers.delete(piece);
  }

  clear(): void {
    this.#buffers.clear();
  }
}
