import type { LinkId, PieceIndex } from '../../ids.ts';
import type { PartialPiece } from './partial-pieces.ts';

/** Failed copies that are remembered: one of the largest pieces (4,096 blocks) takes 48 KiB. The oldest is forgotten. */
const mostCopies = 64;

interface FailedCopy {
  readonly piece: PieceIndex;
  /** Of each block. */
  readonly givers: readonly LinkId[];
  readonly hashes: Float64Array;
}

/**
 * Smart ban: the block hashes of pieces that failed with several givers. When a good copy comes, from whomever, the blocks that differ from it
 * name the liars, however honest they are when they give a piece alone.
 */
export class FailedPieces {
  readonly #copies: FailedCopy[] = [];

  has(piece: PieceIndex): boolean {
    return this.#copies.some((copy) => copy.piece === piece);
  }

  add(whole: PartialPiece, hashes: Float64Array): void {
    const givers = Array.from({ length: whole.blockCount }, (_, block) => whole.giverOf(block));
    this.#copies.push({ piece: whole.piece, givers, hashes });
    if (this.#copies.length > mostCopies) this.#copies.shift();
  }

  /** A good copy is here: returns the links that gave a different block, and forgets the failed copies. */
  liars(piece: PieceIndex, good: Float64Array): LinkId[] {
    const liars = new Set<LinkId>();
    for (let at = this.#copies.length - 1; at >= 0; at--) {
      const copy = this.#copies[at];
      if (copy?.piece !== piece) continue;
      this.#copies.splice(at, 1);
      for (const [block, giver] of copy.givers.entries()) if (copy.hashes[block] !== good[block]) liars.add(giver);
    }
    return [...liars].toSorted((a, b) => a - b);
  }
}
