import type { LinkId, Milliseconds, PieceIndex } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import type { Context, Metadata, Peer } from '../../peer/peer.ts';
import type { PeerRecord } from '../../peer/reputation.ts';
import { FailedPieces } from './failed-pieces.ts';
import type { PartialPiece, PartialPieces } from '../partial-pieces.ts';
import type { Picker } from '../pick/picker.ts';
import { VerificationQueue } from './verification-queue.ts';

/** Time for a verdict on the last piece that was verified in spite of suspicions: three of them in six seconds were one liar's. */
const forceEveryMs: Milliseconds = 10_000;

/**
 * Finds out who gave bad blocks, before it spoils more than two pieces. Whole pieces wait for the verdicts on others of their givers; failed
 * pieces make their givers suspects, until the first good copy names the liars among them.
 */
export class SmartBan {
  readonly #context: Context;
  readonly #metadata: Metadata;
  readonly #partialPieces: PartialPieces;
  readonly #picker: Picker;
  readonly #failed: FailedPieces;
  readonly #verification: VerificationQueue;
  #stuckAtLastTick: PartialPiece | null = null;
  #forcedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  /** Pieces that were stuck before. */
  readonly #begunAnew = new Set<PieceIndex>();

  constructor(context: Context, metadata: Metadata, partialPieces: PartialPieces, picker: Picker) {
    this.#context = context;
    this.#metadata = metadata;
    this.#partialPieces = partialPieces;
    this.#picker = picker;
    this.#failed = new FailedPieces(context.reputation);
    this.#verification = new VerificationQueue(context.reputation);
  }

  /** The next copy of this piece shall name who lied. */
  hasFailed(piece: PieceIndex): boolean {
    return this.#failed.has(piece);
  }

  /** A suspect gives all of the next copy of a failed piece or nothing, and others have the first try. */
  mayGive(piece: PieceIndex, { record, link }: Peer): boolean {
    if (!this.#failed.isSuspect(piece, record)) return true;
    const partial = this.#partialPieces.get(piece);
    if (partial === undefined) return !this.#failed.mustWait(this.#context.now, piece, record);
    return partial.givers().every((giver) => giver === link);
  }

  /** Verifies the piece when its givers may have another one verified. It is partial again where a suspect gave only a part of it. */
  whole(piece: PartialPiece): void {
    this.#dropSuspects(piece);
    if (!piece.isWhole) return;
    this.#verification.add(piece);
    this.verifyNext();
  }

  /** Verifies the pieces that wait for no verdict any more. */
  verifyNext(): void {
    for (const whole of this.#verification.take()) this.#verify(whole);
  }

  #verify(whole: PartialPiece): void {
    this.#partialPieces.verify(whole);
    this.#context.out.push({ kind: 'verify', piece: whole.piece, hashBlocks: this.#failed.has(whole.piece) });
  }

  /** The hash is known, perhaps before storage has the piece. */
  verdict(piece: PieceIndex, ok: boolean): void {
    this.#verification.verdict(piece, ok);
  }

  /** The piece is good. Returns who gave bad blocks to earlier copies of it. */
  good(whole: PartialPiece, blockHashes: Float64Array | null): readonly PeerRecord[] {
    const [giver, ...others] = whole.givers();
    const only = giver === undefined || others.length > 0 ? null : this.#context.reputation.behind(giver);
    if (only !== null) only.isTrusted = true;
    return blockHashes === null ? [] : this.#failed.liars(whole.piece, blockHashes);
  }

  /** The piece is bad. Returns who alone gave it; where several did, all of them are suspects. */
  corrupt(whole: PartialPiece, blockHashes: Float64Array | null): PeerRecord | null {
    const { reputation, now } = this.#context;
    const givers = new Set(whole.givers().map((link) => reputation.behind(link)));
    const [only] = givers;
    if (givers.size === 1) return only ?? null;
    if (blockHashes !== null) this.#failed.add(now, whole, blockHashes);
    else for (const giver of givers) if (giver !== null) giver.isTrusted = false;
    return null;
  }

  /** Drops the blocks that a culprit gave to unfinished pieces: they are as bad as those of the piece that failed. */
  distrust(record: PeerRecord): void {
    for (const piece of this.#partialPieces.pieces()) this.#dropFrom(piece, (link) => this.#context.reputation.behind(link) === record);
  }

  /** Nobody goes on with the next copy of a failed piece: those that may not, since they are suspects, may begin it anew. */
  tick(): void {
    for (const piece of this.#failed.idle(this.#context.now, (failed) => this.#isUnderWay(failed))) {
      const partial = this.#partialPieces.get(piece);
      if (partial !== undefined) this.#beginAnew(partial);
    }
    this.verifyNext();
    this.#endStandstill();
  }

  /**
   * Two failed pieces may wait for each other, where a giver of each is a suspect in the other one. The older is begun anew, with one giver.
   * Where the end game gave it several again it is verified all the same: a further bad copy costs less than a download that never ends.
   */
  #endStandstill(): void {
    const { stuck } = this.#verification;
    if (stuck !== null && stuck === this.#stuckAtLastTick) {
      if (this.#begunAnew.has(stuck.piece)) this.#force(stuck);
      else {
        this.#begunAnew.add(stuck.piece);
        this.#beginAnew(stuck);
      }
    }
    this.#stuckAtLastTick = this.#verification.stuck;
  }

  #force(stuck: PartialPiece): void {
    const { now } = this.#context;
    if (now - this.#forcedAt < forceEveryMs) return;
    this.#forcedAt = now;
    this.#begunAnew.delete(stuck.piece);
    this.#verification.force(stuck);
    this.#verify(stuck);
  }

  /** The next copy has one giver, whose verdict waits for nobody else's. */
  #beginAnew(partial: PartialPiece): void {
    this.#context.wastedBytes += partial.hereBlocks * blockBytes;
    this.dropPiece(partial);
    this.#picker.taint(partial.piece);
  }

  dropPiece(piece: PartialPiece): void {
    this.#verification.remove(piece);
    this.#partialPieces.drop(piece);
    this.#context.out.push({ kind: 'discard', piece: piece.piece });
    this.#picker.release(piece.piece);
  }

  /** Whole copies of two failed pieces may wait for each other, where a giver of each is a suspect of the other: then no verdict comes. */
  #isUnderWay(piece: PieceIndex): boolean {
    const partial = this.#partialPieces.get(piece);
    if (partial === undefined) return this.#partialPieces.isVerifying(piece);
    return partial.isWhole ? this.#verification.isVerifying : !partial.isIdle;
  }

  /** Where the next copy failed with several givers too, a liar would have spoiled two pieces and still be unknown. */
  #dropSuspects(whole: PartialPiece): void {
    const givers = whole.givers();
    if (givers.length === 1 || !this.#failed.has(whole.piece)) return;
    const isSuspect = (link: LinkId): boolean => {
      const record = this.#context.reputation.behind(link);
      return record !== null && this.#failed.isSuspect(whole.piece, record);
    };
    if (!givers.some(isSuspect)) return;
    this.#dropFrom(whole, isSuspect);
    whole.exclusiveTo = null;
  }

  #dropFrom(partial: PartialPiece, isDropped: (link: LinkId) => boolean): void {
    const pieceBytes = this.#metadata.geometry.pieceBytes(partial.piece);
    const wasWhole = partial.isWhole;
    for (const link of partial.givers().filter(isDropped)) {
      this.#context.wastedBytes += Math.min(pieceBytes, this.#partialPieces.dropFrom(partial, link) * blockBytes);
    }
    if (wasWhole && !partial.isWhole) this.#verification.remove(partial);
  }
}
