import type { Milliseconds } from '../../ids.ts';
import type { Context, Peer } from '../peer/peer.ts';

/** A page that is busy answers so much later. */
const lateMs: Milliseconds = 250;

/**
 * How many pieces are suggested to a peer at once. A turn that nobody waits for goes on: one turn more, and twice what the peer takes in a round
 * trip and a quarter of a second, because it requests nothing else meanwhile and its rate may double; no more than its share of the
 * `freshPieces`, or the last of them would wait in one peer's queue while others get second copies. Where somebody waits, the next suggestion is
 * for its next turn, except where a turn is several small pieces, of which the peer would choose all but the first itself.
 *
 * @param answerMs of all peers, where this one has not answered yet
 */
export function suggestionsAhead(
  peer: Peer,
  { now, peers, config, metadata }: Context,
  freshPieces: number,
  answerMs: Milliseconds,
): number {
  const pieceBytes = metadata?.geometry.pieceLength ?? 0;
  const turnPieces = Math.max(1, Math.floor(config.leastTurnBytes / pieceBytes));
  let served = 0;
  for (const other of peers.values()) {
    if (!other.peerInterested) continue;
    if (other.amChoking) return turnPieces > 1 ? turnPieces : 0;
    served++;
  }
  const bytes = (2 * peer.recentUp.perSecond(now) * ((peer.answerMs ?? answerMs) + lateMs)) / 1000;
  const share = Math.ceil(freshPieces / Math.max(1, served));
  return Math.min(turnPieces + Math.ceil(bytes / pieceBytes), Math.max(1, share));
}
