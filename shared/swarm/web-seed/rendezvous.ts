import { fnv1a } from '../../fnv.ts';
import type { PeerId, PieceIndex } from '../../ids.ts';

/**
 * Who does what, without a word between them: everybody draws the same number for the same peer and piece, and a piece falls to whoever has
 * the least (rendezvous hashing, Thaler and Ravishankar 1998). Where one comes or goes only what falls to that one changes hands.
 */
export function assignedTo(own: PeerId, others: readonly PeerId[]): (piece: PieceIndex) => boolean {
  const ownTicket = fnv1a(own);
  const tickets = others.map(fnv1a);
  return (piece) => {
    const drawn = draw(ownTicket, piece);
    return tickets.every((ticket) => drawn <= draw(ticket, piece));
  };
}

/** The finaliser of MurmurHash3: a change of one bit in ticket or piece changes half of those drawn. */
function draw(ticket: number, piece: PieceIndex): number {
  let hash = ticket ^ Math.imul(piece + 1, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
