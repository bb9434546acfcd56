import { fnv1a } from '../../fnv.ts';
import type { PeerId, PieceIndex } from '../../ids.ts';

/**
 * Shares work among peers that do not talk about it: every peer computes the same score for each peer and piece, and a piece is assigned to
 * the peer with the lowest score (rendezvous hashing, Thaler and Ravishankar 1998). When a peer comes or goes only its own pieces move.
 */
export function assignedTo(own: PeerId, others: readonly PeerId[]): (piece: PieceIndex) => boolean {
  const ownHash = fnv1a(own);
  const hashes = others.map(fnv1a);
  return (piece) => {
    const ownScore = score(ownHash, piece);
    return hashes.every((hash) => ownScore <= score(hash, piece));
  };
}

/** MurmurHash3's finaliser: one changed bit in peer or piece changes half of the score's bits. */
function score(peerHash: number, piece: PieceIndex): number {
  let hash = peerHash ^ Math.imul(piece + 1, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
