import type { PieceIndex } from '../../../shared/ids.ts';
import type { Content } from '../interfaces.ts';

/** The buffers of pieces in the making: taken at a piece's first block and handed on whole. */
export class PieceBuffers {
  readonly #content: Content;
  readonly #buffers = new Map<PieceIndex, Uint8Array<ArrayBuffer>>();

  constructor(content: Content) {
    this.#content = content;
  }

  write(piece: PieceIndex, begin: number, block: Uint8Array): void {
    let buffer = this.#buffers.get(piece);
    if (buffer === undefined) {
      buffer = this.#content.take(piece);
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
    this.#content.giveBack(buffer);
  }

  clear(): void {
    for (const piece of this.#buffers.keys()) this.discard(piece);
  }
}
