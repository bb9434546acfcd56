import type { PieceIndex } from '../../ids.ts';
import type { Bitfield } from '../lib/bitfield.ts';

/** How many connected peers have each piece. Complete peers are one number, so a seed that comes or goes costs nothing a piece. */
export class Availability {
  readonly #counts: Uint16Array;
  #complete = 0;

  constructor(pieceCount: number) {
    this.#counts = new Uint16Array(pieceCount);
  }

  of(piece: PieceIndex): number {
    return this.#counts[piece]! + this.#complete;
  }

  /** Copies among peers that are not complete: the rank of a piece, since complete peers count the same for all. */
  partial(piece: PieceIndex): number {
    return this.#counts[piece]!;
  }

  addComplete(): void {
    this.#complete++;
  }

  removeComplete(): void {
    this.#complete--;
  }

  add(piece: PieceIndex): void {
    this.#counts[piece]!++;
  }

  remove(piece: PieceIndex): void {
    this.#counts[piece]!--;
  }

  /** The least number of copies of any piece, plus the share of pieces that have more (what other clients call "distributed copies"). */
  copies(): number {
    const counts = this.#counts;
    if (counts.length === 0) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (const count of counts) if (count < least) least = count;
    let above = 0;
    for (const count of counts) if (count > least) above++;
    return this.#complete + least + above / counts.length;
  }

  /** Wanted, missing pieces that no connected peer has. */
  unavailable(have: Bitfield, wanted: (piece: PieceIndex) => boolean): number {
    if (this.#complete > 0) return 0;
    let missing = 0;
    for (let piece = 0; piece < this.#counts.length; piece++) {
      if (this.#counts[piece] === 0 && !have.has(piece) && wanted(piece)) missing++;
    }
    return missing;
  }
}
