import type { Milliseconds, PieceIndex } from '../../ids.ts';

const firstPauseMs: Milliseconds = 2000;
const longestPauseMs: Milliseconds = 120_000;

/** The time in which a piece that is asked for again arrives or is rejected again. */
const answerMs: Milliseconds = 3000;

/** More pieces than one peer is asked for at a time. The oldest is forgotten, which only means that it may be asked for again. */
const mostPieces = 4096;

/** A peer that rejected so many pieces in a row and gave nothing in between rests as a whole, … */
const mostInRow = 8;

/**
 * Pieces that one peer rejected while it was not choking us. WebTorrent rejects on any read error, so each piece is asked for again after a
 * pause that doubles with every rejection.
 */
export class Rejections {
  readonly #pieces = new Map<PieceIndex, { pauseMs: Milliseconds; until: Milliseconds }>();
  #inRow = 0;
  #restsUntil: Milliseconds = 0;

  get isEmpty(): boolean {
    return this.#pieces.size === 0;
  }

  /** The requests of one burst count as one rejection. */
  add(now: Milliseconds, piece: PieceIndex): void {
    const earlier = this.#pieces.get(piece);
    if (earlier !== undefined && now < earlier.until) return;
    const pauseMs = earlier === undefined ? firstPauseMs : Math.min(2 * earlier.pauseMs, longestPauseMs);
    this.#pieces.delete(piece);
    this.#pieces.set(piece, { pauseMs, until: now + pauseMs });
    this.#addInRow(now);
    if (this.#pieces.size <= mostPieces) return;
    for (const oldest of this.#pieces.keys()) {
      this.#pieces.delete(oldest);
      return;
    }
  }

  /** … twice as long each time, as a piece does: others take up a bandwidth limit, and a torrent may have thousands of pieces to reject. */
  #addInRow(now: Milliseconds): void {
    if (now < this.#restsUntil || ++this.#inRow < mostInRow) return;
    this.#restsUntil = now + Math.min(firstPauseMs * 2 ** (this.#inRow - mostInRow), longestPauseMs);
  }

  /** A block of the piece came: what was wrong has passed. */
  answered(piece: PieceIndex): void {
    this.#pieces.delete(piece);
    this.#inRow = 0;
    this.#restsUntil = 0;
  }

  /** A piece rests, or was asked for again too recently to have arrived. */
  isRefusing(now: Milliseconds): boolean {
    if (now < this.#restsUntil + answerMs && this.#inRow >= mostInRow) return true;
    for (const { until } of this.#pieces.values()) if (now < until + answerMs) return true;
    return false;
  }

  isResting(now: Milliseconds, piece: PieceIndex): boolean {
    if (now < this.#restsUntil) return true;
    const rejected = this.#pieces.get(piece);
    return rejected !== undefined && now < rejected.until;
  }
}
