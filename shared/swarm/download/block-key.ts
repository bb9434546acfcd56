import type { PieceIndex } from '../../ids.ts';

/** 64 MiB pieces have 4,096 blocks, so piece and block fit one safe integer. */
const blocksPerKey = 4096;

/** A block of a torrent as one number. */
export type BlockKey = number;

export function blockKey(piece: PieceIndex, block: number): BlockKey {
  return piece * blocksPerKey + block;
}

export function keyPiece(key: BlockKey): PieceIndex {
  return Math.floor(key / blocksPerKey);
}

export function keyBlock(key: BlockKey): number {
  return key % blocksPerKey;
}
