/** One byte a piece: whether it is here, coming or missing, and how many connected peers have it (255: or more). */
export interface PieceStates {
  readonly pieceLength: number;
  /** 0 missing, 1 coming, 2 here. */
  readonly states: Uint8Array;
  readonly copies: Uint8Array;
  /** The piece in which each file begins, in the order of the list of files. */
  readonly firstPieces: Uint32Array;
}
