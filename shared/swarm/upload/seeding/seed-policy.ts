import type { LinkId, PieceIndex } from '../../../ids.ts';

/** All a policy needs to know of a peer. */
export interface Receiver {
  readonly link: LinkId;
  has(piece: PieceIndex): boolean;
}

/** What a complete peer tells others about which of its pieces to request. */
export interface SeedPolicy {
  /** Pieces to suggest (BEP 6), so that the peer knows `ahead` that it has not requested yet, and one where we keep none for it. */
  suggest(peer: Receiver, ahead: number): readonly PieceIndex[];
  /** The peer requests this piece, and will get it unless its turn ends before. True where that makes room for a suggestion. */
  requested(peer: Receiver, piece: PieceIndex): boolean;
  /** What the peer requested and was not given is rejected. */
  refused(link: LinkId): void;
  /** A block of this piece is handed out for the peer. */
  given(peer: Receiver, piece: PieceIndex): void;
  /** A peer announced a piece. */
  announced(link: LinkId, piece: PieceIndex): void;
  left(link: LinkId): void;
  /** No other peer was given or suggested this piece before, or has it. */
  isFirstCopy(link: LinkId, piece: PieceIndex): boolean;
  /** Pieces the peer got from us that nobody else has announced yet. */
  unspreadPieces(link: LinkId): number;
  /** Pieces that nobody was given, suggested or asks for. */
  readonly freshPieces: number;
}

/** Says nothing: every peer chooses by what it sees. */
export const plainSeed: SeedPolicy = {
  suggest: () => [],
  requested: () => false,
  refused: () => undefined,
  given: () => undefined,
  announced: () => undefined,
  left: () => undefined,
  isFirstCopy: () => true,
  unspreadPieces: () => 0,
  freshPieces: 0,
};
