import type { Milliseconds, PieceIndex } from '../../ids.ts';

/** Larger pieces (over 16 MiB) are never pushed: what is refused on its way would be too much. */
export const mostPushedBlocks = 1024;

/** What a peer may welcome at once. */
const mostWelcome = 16;
/** Pushed pieces are remembered, so that none is pushed to the same peer twice; the oldest are forgotten. */
const mostRemembered = 4096;
/** After so many pushes in a row that brought nothing, … */
const mostUseless = 8;
/** … the peer is welcome again after so long. */
const unwelcomeMs: Milliseconds = 30_000;

/** A welcome that is not used for so long may go to another peer. */
const unusedMs: Milliseconds = 5000;

/** Both directions of one link: what we may push to the peer, and what it may push to us. */
export class GossipLink {
  /** Pieces that the peer welcomes. */
  #room = 0;
  readonly #pushed = new Set<PieceIndex>();
  /** We push something to it, and have not run out of it. */
  isPushing = false;
  /** So many pieces were ours when the peer lacked none of them. */
  #sawNothingAt = -1;
  /** Pieces that it may push to us, and those that it is pushing. */
  #welcome = 0;
  #welcomedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  readonly #coming = new Set<PieceIndex>();
  #uselessInRow = 0;
  #unwelcomeUntil: Milliseconds = Number.NEGATIVE_INFINITY;

  get isOpen(): boolean {
    return this.#room > 0;
  }

  welcomed(pieces: number): void {
    this.#room = Math.min(mostWelcome, this.#room + pieces);
  }

  pushed(piece: PieceIndex): void {
    this.#room--;
    this.isPushing = true;
    this.#pushed.add(piece);
    if (this.#pushed.size <= mostRemembered) return;
    for (const oldest of this.#pushed) {
      this.#pushed.delete(oldest);
      return;
    }
  }

  idle(): void {
    this.isPushing = false;
  }

  hasPushed(piece: PieceIndex): boolean {
    return this.#pushed.has(piece);
  }

  isWorthLooking(ownPieces: number): boolean {
    return ownPieces !== this.#sawNothingAt;
  }

  sawNothing(ownPieces: number): void {
    this.#sawNothingAt = ownPieces;
  }

  /** The peer pushes a piece; false where it was not welcome to. */
  take(): boolean {
    if (this.#welcome === 0) return false;
    this.#welcome--;
    return true;
  }

  took(piece: PieceIndex, isUseful: boolean): void {
    if (isUseful) this.#coming.add(piece);
    this.#uselessInRow = isUseful ? 0 : this.#uselessInRow + 1;
  }

  /** True where the peer was pushing this piece. */
  ended(piece: PieceIndex): boolean {
    return this.#coming.delete(piece);
  }

  /** Pieces that nobody gives any more are not on their way. */
  forget(isOver: (piece: PieceIndex) => boolean, now: Milliseconds): void {
    for (const piece of this.#coming) if (isOver(piece)) this.#coming.delete(piece);
    if (this.#uselessInRow < mostUseless) return;
    this.#uselessInRow = 0;
    this.#unwelcomeUntil = now + unwelcomeMs;
  }

  /** Pieces that are on their way or welcome. */
  incoming(now: Milliseconds): number {
    return this.#coming.size + (now - this.#welcomedAt < unusedMs ? this.#welcome : 0);
  }

  /** How many pieces more it is welcome to push, so that `most` are welcome or on their way. */
  renew(most: number, now: Milliseconds): number {
    if (now < this.#unwelcomeUntil) return 0;
    const more = Math.max(0, most - this.#welcome - this.#coming.size);
    if (more > 0) this.#welcomedAt = now;
    this.#welcome += more;
    return more;
  }
}
