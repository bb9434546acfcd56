import { assert } from '../../assert.ts';
import type { LinkId, PieceIndex } from '../../ids.ts';
import type { Content, Context } from '../peer/peer.ts';
import type { Picker } from './picker.ts';
import type { PieceInProgress, Progress } from './partial-pieces.ts';

/**
 * Pieces that come whole from outside the swarm. While one does, all its blocks count as asked of its source, which keeps them for itself:
 * nobody else gives any, so that a bad hash has one culprit.
 */
export class WholePieces {
  readonly #context: Context;
  readonly #content: Content;
  readonly #progress: Progress;
  readonly #picker: Picker;

  constructor(context: Context, content: Content, progress: Progress, picker: Picker) {
    this.#context = context;
    this.#content = content;
    this.#progress = progress;
    this.#picker = picker;
  }

  /** Takes a piece for `link`: one that others began and left, else the rarest; `null` where none fits. */
  start(link: LinkId, fits: (piece: PieceIndex) => boolean): PieceInProgress | null {
    this.#giveUpLeft(fits);
    const making = this.#picker.startWhole(link, fits);
    if (making === null) return null;
    for (let block = 0; block < making.blockCount; block++) this.#progress.ask(making, block);
    return making;
  }

  arrived(making: PieceInProgress, bytes: Uint8Array): void {
    const { piece, exclusiveTo: link } = making;
    assert(bytes.length === this.#content.geometry.pieceBytes(piece), 'a fetch brings the whole piece');
    assert(link !== null, 'a piece that is fetched is its source’s alone');
    for (let block = 0; block < making.blockCount; block++) {
      this.#progress.receive(making, block, link);
      this.#progress.unask(making, block);
    }
    this.#context.out.push({ kind: 'write', link, piece, begin: 0, block: bytes });
    this.#progress.verify(making);
    this.#context.out.push({ kind: 'verify', piece });
  }

  failed(making: PieceInProgress): void {
    this.#progress.drop(making);
    this.#picker.release(making.piece);
  }

  /** What is here of a piece that nobody works on any more is dropped with it: with it the piece would have two givers. */
  #giveUpLeft(fits: (piece: PieceIndex) => boolean): void {
    for (const making of this.#progress.open()) {
      if (making.exclusiveTo !== null || !making.isIdle || !fits(making.piece)) continue;
      this.#progress.drop(making);
      this.#context.out.push({ kind: 'discard', piece: making.piece });
      this.#picker.release(making.piece);
    }
  }
}
