import type { Milliseconds, PieceIndex } from '../../../ids.ts';
import type { PeerRecord, Reputation } from '../../peer/reputation.ts';
import type { PartialPiece } from '../partial-pieces.ts';

/** Failed copies that are remembered: one of the largest pieces (4,096 blocks) takes 64 KiB. The oldest is forgotten. */
const mostCopies = 64;

/** Peers that are under no suspicion are asked first for the next copy. */
const suspectsWaitMs: Milliseconds = 2000;

/** Nobody goes on with the next copy: it is begun anew. */
const restartMs: Milliseconds = 5000;

/** Nobody gives it at all: perhaps nobody has the piece any more. Others must not stay suspects because of it. */
const forgottenMs: Milliseconds = 60_000;

interface FailedCopy {
  readonly piece: PieceIndex;
  readonly at: Milliseconds;
  /** Since when nobody gives the next copy. */
  idleSince: Milliseconds;
  /** Of each block; `null`: forgotten since. */
  readonly givers: readonly (PeerRecord | null)[];
  readonly suspects: ReadonlySet<PeerRecord>;
  readonly hashes: Float64Array;
}

/**
 * Smart ban: the block hashes of pieces that failed with several givers. When a good copy comes, from whomever, the blocks that differ from it
 * name the liars, however honest they are when they give a piece alone. Until then all its givers are suspects.
 */
export class FailedPieces {
  readonly #reputation: Reputation;
  #copies: FailedCopy[] = [];

  constructor(reputation: Reputation) {
    this.#reputation = reputation;
  }

  has(piece: PieceIndex): boolean {
    return this.#copies.some((copy) => copy.piece === piece);
  }

  add(now: Milliseconds, whole: PartialPiece, hashes: Float64Array): void {
    const givers = Array.from({ length: whole.blockCount }, (_, block) => this.#reputation.behind(whole.giverOf(block)));
    const suspects = new Set(givers.filter((giver) => giver !== null));
    for (const suspect of suspects) suspect.suspectedIn++;
    this.#copies.push({ piece: whole.piece, at: now, idleSince: now, givers, suspects, hashes });
    const [oldest] = this.#copies;
    if (this.#copies.length > mostCopies) this.#take((copy) => copy === oldest);
  }

  isSuspect(piece: PieceIndex, record: PeerRecord): boolean {
    return this.#copies.some((copy) => copy.piece === piece && copy.suspects.has(record));
  }

  /** Another peer had better give the next copy of this piece. */
  mustWait(now: Milliseconds, piece: PieceIndex, record: PeerRecord): boolean {
    return this.#copies.some((copy) => copy.piece === piece && now - copy.at < suspectsWaitMs && copy.suspects.has(record));
  }

  /** Returns the pieces whose next copy nobody gives. After a long time their failed copies are forgotten, with nobody convicted. */
  idle(now: Milliseconds, isUnderWay: (piece: PieceIndex) => boolean): ReadonlySet<PieceIndex> {
    for (const copy of this.#copies) if (isUnderWay(copy.piece)) copy.idleSince = now;
    this.#take(({ idleSince }) => now - idleSince >= forgottenMs);
    return new Set(this.#copies.filter(({ idleSince }) => now - idleSince >= restartMs).map(({ piece }) => piece));
  }

  /** A good copy is here: returns who gave a different block, and forgets the failed copies. */
  liars(piece: PieceIndex, good: Float64Array): PeerRecord[] {
    const liars = new Set<PeerRecord>();
    for (const { givers, hashes } of this.#take((copy) => copy.piece === piece)) {
      for (const [block, giver] of givers.entries()) if (giver !== null && hashes[block] !== good[block]) liars.add(giver);
    }
    return [...liars];
  }

  #take(isOver: (copy: FailedCopy) => boolean): FailedCopy[] {
    const taken = this.#copies.filter(isOver);
    if (taken.length > 0) this.#copies = this.#copies.filter((copy) => !taken.includes(copy));
    for (const { suspects } of taken) for (const suspect of suspects) suspect.suspectedIn--;
    return taken;
  }
}
