import type { BlockRef } from '../ids.ts';
import { blockBytes } from '../limits.ts';
import type { LinkEnd } from '../sim/network/link.ts';
import type { ObservedNode, Observer } from '../sim/network/observer.ts';

/** Counts the bytes that seeds send of blocks they have sent before, to whomever. */
export class SeedCopies implements Observer {
  readonly #blocksPerPiece: number;
  readonly #sent: Uint8Array;
  repeatedBytes = 0;

  constructor(pieceCount: number, pieceBytes: number) {
    this.#blocksPerPiece = Math.ceil(pieceBytes / blockBytes);
    this.#sent = new Uint8Array(pieceCount * this.#blocksPerPiece);
  }

  served(node: ObservedNode, _end: LinkEnd, { piece, begin, length }: BlockRef): void {
    if (!node.config.isSeed || !node.config.isHonest) return;
    const block = piece * this.#blocksPerPiece + Math.floor(begin / blockBytes);
    if (this.#sent[block] === 1) this.repeatedBytes += length;
    this.#sent[block] = 1;
  }
}
