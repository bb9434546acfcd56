import { assert } from '../../assert.ts';
import type { LinkId, PieceIndex } from '../../ids.ts';
import type { Metadata, Context } from '../peer/peer.ts';
import type { Picker } from './pick/picker.ts';
import type { PartialPiece, PartialPieces } from './partial-pieces.ts';

/**
 * Pieces that a web seed gives whole. While one is fetched all its blocks count as asked of its source and of nobody else, so that a bad hash
 * has one culprit.
 */
export class WholePieces {
  readonly #context: Context;
  readonly #metadata: Metadata;
  readonly #partialPieces: PartialPieces;
  readonly #picker: Picker;
  readonly #verify: (whole: PartialPiece) => void;

  constructor(context: Context, metadata: Metadata, partialPieces: PartialPieces, picker: Picker, verify: (whole: PartialPiece) => void) {
    this.#context = context;
    this.#metadata = metadata;
    this.#partialPieces = partialPieces;
    this.#picker = picker;
    this.#verify = verify;
  }

  /** Takes the rarest piece for `link` that nobody began, else one that others began and left; `null` where none fits. */
  start(link: LinkId, fits: (piece: PieceIndex) => boolean): PartialPiece | null {
    const partial = this.#picker.startWhole(link, fits) ?? (this.#giveUpLeft(fits) ? this.#picker.startWhole(link, fits) : null);
    if (partial === null) return null;
    for (let block = 0; block < partial.blockCount; block++) this.#partialPieces.ask(partial, block);
    return partial;
  }

  arrived(partial: PartialPiece, bytes: Uint8Array): void {
    const { piece, exclusiveTo: link } = partial;
    assert(bytes.length === this.#metadata.geometry.pieceBytes(piece), 'a fetch brings the whole piece');
    assert(link !== null, 'a piece that is fetched is its source’s alone');
    for (let block = 0; block < partial.blockCount; block++) {
      this.#partialPieces.receive(partial, block, link);
      this.#partialPieces.unask(partial, block);
    }
    this.#context.out.push({ kind: 'write', link, piece, begin: 0, block: bytes });
    this.#verify(partial);
  }

  failed(partial: PartialPiece): void {
    this.#partialPieces.drop(partial);
    this.#picker.release(partial.piece);
  }

  /**
   * Drops what is here of one piece that no peer works on: with it the fetched piece would have two givers. One at a time, since a peer may
   * come and finish the others. False where there is none.
   */
  #giveUpLeft(fits: (piece: PieceIndex) => boolean): boolean {
    for (const partial of this.#partialPieces.open()) {
      if (partial.exclusiveTo !== null || !partial.isIdle || !fits(partial.piece)) continue;
      this.#partialPieces.drop(partial);
      this.#context.out.push({ kind: 'discard', piece: partial.piece });
      this.#picker.release(partial.piece);
      return true;
    }
    return false;
  }
}
