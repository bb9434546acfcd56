import type { LinkId, Milliseconds, PieceIndex } from '../../../ids.ts';
import type { SwarmConfig } from '../../config.ts';
import { type BlockKey, blockKey } from '../block-key.ts';
import type { Pipeline } from '../pipeline.ts';
import type { PartialPiece } from '../partial-pieces.ts';

/** All the picker needs to know of a peer. */
export interface Chooser {
  readonly link: LinkId;
  readonly onParole: boolean;
  readonly pipeline: Pipeline;
  readonly suggested: PieceIndex[];
  /** Nothing but these pieces, `null`: any. */
  readonly only: ReadonlySet<PieceIndex> | null;
  has(piece: PieceIndex): boolean;
}

export interface Picked {
  readonly piece: PartialPiece;
  readonly block: number;
}

/** What the end game needs to know about other links. */
export interface Others {
  /** Whether this is true of every link that a block is asked of now. Most often it is not true of the first. */
  everyHolder(key: BlockKey, test: (link: LinkId) => boolean): boolean;
  /** How long a link will take for all it was asked; infinite where it is gone or snubbed. */
  drainMs(link: LinkId): Milliseconds;
}

/** Whether the peer should have everything in half the time another link takes, and at least a second sooner. */
export function isMuchSooner({ endGameGain, endGameGainMs }: SwarmConfig, peer: Chooser, others: Others): (link: LinkId) => boolean {
  const ownMs = others.drainMs(peer.link);
  return (link) => {
    const otherMs = others.drainMs(link);
    return ownMs < endGameGain * otherMs && otherMs - ownMs > endGameGainMs;
  };
}

/** The first block that nobody is asked for and that the peer does not owe us from an earlier request, or `null`. */
export function freeBlock({ pipeline }: Chooser, piece: PartialPiece): number | null {
  for (let block = piece.firstFree(); block < piece.blockCount; block++) {
    if (piece.isFree(block) && !pipeline.owes(blockKey(piece.piece, block))) return block;
  }
  return null;
}

export function pickedOf(peer: Chooser, piece: PartialPiece): Picked | null {
  const block = freeBlock(peer, piece);
  return block === null ? null : { piece, block };
}

export function mayGive(peer: Chooser, piece: PartialPiece): boolean {
  if (piece.exclusiveTo === peer.link) return true;
  return piece.exclusiveTo === null && !peer.onParole;
}

/** Whether it may be asked for something of begun pieces: as their giver, or on parole as one that goes on with a piece nobody works on. */
export function mayGiveSome(peer: Chooser, pieces: Iterable<PartialPiece>): boolean {
  for (const piece of pieces) {
    if (peer.has(piece.piece) && (mayGive(peer, piece) || (piece.exclusiveTo === null && piece.isIdle))) return true;
  }
  return false;
}

/** A block of this piece that others are asked for, or the piece is kept for, where the peer should give it sooner; `null`: none. */
export function duplicateOf(
  { endGameCopies }: SwarmConfig,
  piece: PartialPiece,
  peer: Chooser,
  others: Others,
  isSooner: (link: LinkId) => boolean,
): Picked | null {
  if (piece.exclusiveTo === peer.link || !peer.has(piece.piece)) return null;
  for (let block = 0; block < piece.blockCount; block++) {
    if (piece.isHere(block) || piece.askersOf(block) >= endGameCopies) continue;
    const key = blockKey(piece.piece, block);
    if (peer.pipeline.has(key) || peer.pipeline.owes(key) || !others.everyHolder(key, isSooner)) continue;
    piece.exclusiveTo = null;
    return { piece, block };
  }
  return null;
}
