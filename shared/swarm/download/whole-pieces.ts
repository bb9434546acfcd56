import { assert } from '../../assert.ts';
import type { LinkId, PieceIndex } from '../../ids.ts';
import type { Metadata, Context } from '../peer/peer.ts';
import type { FailedPieces } from './failed-pieces.ts';
import type { Picker } from './picker.ts';
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
  readonly #failed: FailedPieces;

  constructor(context: Context, metadata: Metadata, partialPieces: PartialPieces, picker: Picker, failed: FailedPieces) {
    this.#context = context;
    this.#metadata = metadata;
    this.#partialPieces = partialPieces;
    this.#picker = picker;
    this.#failed = failed;
  }

  /** Takes a piece for `link`: one that others began and left, else the rarest; `null` where none fits. */
  start(link: LinkId, fits: (piece: PieceIndex) => boolean): PartialPiece | null {
    this.#giveUpLeft(fits);
    const partial = this.#picker.startWhole(link, fits);
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
    this.#partialPieces.verify(partial);
    this.#context.out.push({ kind: 'verify', piece, hashBlocks: this.#failed.has(piece) });
  }

  failed(partial: PartialPiece): void {
    this.#partialPieces.drop(partial);
    this.#picker.release(partial.piece);
  }

  /** What is here of a piece that nobody works on any more is dropped with it: with it the piece would have two givers. */
  #giveUpLeft(fits: (piece: PieceIndex) => boolean): void {
    for (const partial of this.#partialPieces.open()) {
      if (partial.exclusiveTo !== null || !partial.isIdle || !fits(partial.piece)) continue;
      this.#partialPieces.drop(partial);
      this.#context.out.push({ kind: 'discard', piece: partial.piece });
      this.#picker.release(partial.piece);
    }
  }
}
