import type { LinkId, PieceIndex } from '../../../ids.ts';
import type { PeerRecord, Reputation } from '../../peer/reputation.ts';
import type { PartialPiece } from '../partial-pieces.ts';

/** Pieces that one giver may have in verification at first: what it can spoil before the first of them convicts it. */
const firstAlone = 2;
/** The same where others gave blocks too: a failed one names nobody until a good copy is here, and that copy may be spoiled too. */
const firstShared = 1;

/**
 * One more for so many good pieces: hashing is never what a peer waits for, and a liar of one block in twenty is found long before. At 5 ms
 * a piece, 20 MiB/s of pieces of 16 KiB need seven.
 */
const piecesPerExtra = 32;
const mostExtra = 30;

/**
 * Whole pieces, between their last block and their verdict. One waits here while a verdict on others of its givers is due, so that no liar
 * spoils more than two: when it is convicted, its blocks in waiting pieces are dropped and those of the others stay.
 *
 * A giver under suspicion (in a failed piece of which no good copy has come) has one piece verified at a time, and none with other givers.
 */
export class VerificationQueue {
  readonly #reputation: Reputation;
  readonly #waiting = new Map<PartialPiece, readonly PeerRecord[]>();
  readonly #verifying = new Map<PieceIndex, readonly PeerRecord[]>();

  constructor(reputation: Reputation) {
    this.#reputation = reputation;
  }

  /** A verdict will come, and pieces that wait may go on. */
  get isVerifying(): boolean {
    return this.#verifying.size > 0;
  }

  /** The piece is whole. */
  add(whole: PartialPiece): void {
    this.#waiting.set(whole, this.givers(whole));
  }

  /** The piece is whole no longer, or forgotten. */
  remove(piece: PartialPiece): void {
    this.#waiting.delete(piece);
  }

  /** Takes out the pieces that may be verified now. */
  take(): PartialPiece[] {
    const ready: PartialPiece[] = [];
    for (const [piece, givers] of this.#waiting) {
      if (!mayVerify(givers)) continue;
      this.force(piece, givers);
      ready.push(piece);
    }
    return ready;
  }

  /** Takes out a piece whatever its givers are suspected of. */
  force(piece: PartialPiece, givers: readonly PeerRecord[] = this.givers(piece)): void {
    this.#waiting.delete(piece);
    this.#verifying.set(piece.piece, givers);
    for (const giver of givers) count(giver, givers.length, 1);
  }

  /** The piece that waits longest while no verdict is due: it waits for a suspicion that only another waiting piece could clear. */
  get stuck(): PartialPiece | null {
    if (this.#verifying.size > 0) return null;
    for (const piece of this.#waiting.keys()) return piece;
    return null;
  }

  /** The hash is known. May be told again. */
  verdict(piece: PieceIndex, ok: boolean): void {
    const givers = this.#verifying.get(piece);
    if (givers === undefined) return;
    this.#verifying.delete(piece);
    for (const giver of givers) {
      count(giver, givers.length, -1);
      if (ok) giver.goodPieces++;
    }
  }

  /** Peers that gave blocks of it. */
  givers(piece: PartialPiece): PeerRecord[] {
    return [...new Set(piece.givers().flatMap((link: LinkId) => this.#reputation.behind(link) ?? []))];
  }
}

function count(giver: PeerRecord, givers: number, by: 1 | -1): void {
  giver.verifying += by;
  if (givers > 1) giver.verifyingShared += by;
}

function mayVerify(givers: readonly PeerRecord[]): boolean {
  if (givers.length > 1) return givers.every(mayVerifyShared);
  const [giver] = givers;
  // Something must always go on, or nobody could be cleared of a suspicion.
  return giver === undefined || giver.verifying === 0 || giver.verifying + giver.suspectedIn < firstAlone + extra(giver);
}

function mayVerifyShared(giver: PeerRecord): boolean {
  const isFree = giver.verifyingShared < firstShared + extra(giver) && giver.verifying < firstAlone + extra(giver);
  return isFree && giver.suspectedIn === 0;
}

function extra({ goodPieces, suspectedIn }: PeerRecord): number {
  return suspectedIn > 0 ? 0 : Math.min(mostExtra, Math.floor(goodPieces / piecesPerExtra));
}
