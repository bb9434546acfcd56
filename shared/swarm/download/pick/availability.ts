import type { PieceIndex } from '../../../ids.ts';
import type { Bitfield } from '../../lib/bitfield.ts';

/**
 * How many connected peers have each piece. Peers that have most pieces are one number, and each piece that one of them lacks counts one less:
 * so a seed that comes or goes costs nothing per piece.
 */
export class Availability {
  readonly #counts: Int16Array;
  #complete = 0;

  constructor(pieceCount: number) {
    this.#counts = new Int16Array(pieceCount);
  }

  of(piece: PieceIndex): number {
    return this.partial(piece) + this.#complete;
  }

  /** Copies beyond those of the peers that count as complete, below 0 where these lack it: the order of pieces by rarity. */
  partial(piece: PieceIndex): number {
    return this.#counts[piece] ?? 0;
  }

  addComplete(): void {
    this.#complete++;
  }

  removeComplete(): void {
    this.#complete--;
  }

  add(piece: PieceIndex): void {
    this.#counts[piece] = this.partial(piece) + 1;
  }

  remove(piece: PieceIndex): void {
    this.#counts[piece] = this.partial(piece) - 1;
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
    let missing = 0;
    for (let piece = 0; piece < this.#counts.length; piece++) {
      if (this.of(piece) === 0 && !have.has(piece) && wanted(piece)) missing++;
    }
    return missing;
  }
}
