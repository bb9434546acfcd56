import type { PieceIndex } from '../../ids.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import type { Bitfield } from '../lib/bitfield.ts';

/** Bytes of pieces: there, wanted, and both. Kept by the piece, so that a snapshot costs nothing. */
export class ByteCounts {
  readonly #geometry: Geometry;
  verifiedBytes = 0;
  wantedBytes = 0;
  wantedVerifiedBytes = 0;

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
  }

  count(have: Bitfield, isWanted: (piece: PieceIndex) => boolean): void {
    this.verifiedBytes = 0;
    this.wantedBytes = 0;
    this.wantedVerifiedBytes = 0;
    for (let piece = 0; piece < this.#geometry.pieceCount; piece++) {
      if (isWanted(piece)) this.wantedBytes += this.#geometry.pieceBytes(piece);
      if (have.has(piece)) this.add(piece, isWanted(piece));
    }
  }

  /** Wanted, and not there. */
  get missingBytes(): number {
    return this.wantedBytes - this.wantedVerifiedBytes;
  }

  get isWantedComplete(): boolean {
    return this.wantedVerifiedBytes === this.wantedBytes;
  }

  add(piece: PieceIndex, isWanted: boolean): void {
    const bytes = this.#geometry.pieceBytes(piece);
    this.verifiedBytes += bytes;
    if (isWanted) this.wantedVerifiedBytes += bytes;
  }

  remove(piece: PieceIndex, isWanted: boolean): void {
    const bytes = this.#geometry.pieceBytes(piece);
    this.verifiedBytes -= bytes;
    if (isWanted) this.wantedVerifiedBytes -= bytes;
  }
}
