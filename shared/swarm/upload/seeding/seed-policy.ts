import type { LinkId, PieceIndex } from '../../../ids.ts';

/** All a policy needs to know of a peer. */
export interface Receiver {
  readonly link: LinkId;
  has(piece: PieceIndex): boolean;
}

/** What a complete peer tells others about which of its pieces to request. */
export interface SeedPolicy {
  /** Pieces to suggest (BEP 6) to a peer whose turn begins or goes on. */
  suggest(peer: Receiver): readonly PieceIndex[];
  /** A block of this piece is handed out for the peer. */
  given(peer: Receiver, piece: PieceIndex): void;
  /** A peer announced a piece. */
  announced(link: LinkId, piece: PieceIndex): void;
  left(link: LinkId): void;
  /** Pieces the peer got from us that nobody else has announced yet. */
  unspreadPieces(link: LinkId): number;
}

/** Says nothing: every peer chooses by what it sees. */
export const plainSeed: SeedPolicy = {
  suggest: () => [],
  given: () => undefined,
  announced: () => undefined,
  left: () => undefined,
  unspreadPieces: () => 0,
};
