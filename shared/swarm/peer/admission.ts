import { PeerFault } from '../../failure.ts';
import type { Milliseconds, PeerId } from '../../ids.ts';
import type { Context, Peer } from './peer.ts';

/** Two links of one peer that opened further apart than this are no glare: one of them came later on purpose. */
const glareMs: Milliseconds = 10_000;

/**
 * Which peers may stay. A peer is who the tracker introduced; what it claims in its handshake must agree and decides nothing alone, since
 * every peer id is public.
 *
 * @returns the older link that gives way to `peer`, or `null`
 * @throws PeerFault `selfConnection`, `wrongPeerId`, `banned` or `duplicatePeer`
 */
export function admit(context: Context, peer: Peer, claimedId: PeerId): Peer | null {
  if (claimedId === context.ownId) throw new PeerFault('selfConnection');
  const { who, isBanned } = peer.record;
  if (who !== null && who.peerId !== claimedId) throw new PeerFault('wrongPeerId');
  if (isBanned) throw new PeerFault('banned');
  for (const other of context.peers.values()) {
    if (other === peer || other.peerId !== claimedId || !mayBeSame(other, peer)) continue;
    if (!givesWay(context, other, peer, claimedId)) throw new PeerFault('duplicatePeer');
    return other;
  }
  return null;
}

/**
 * Anybody may take a public id at a second tracker. So two links that different trackers introduced are one peer's only where both ends
 * proved the same certificate; else they may be an honest peer's and a thief's, and neither shuts the other out. A link that nobody
 * introduced has nothing but its claim.
 */
function mayBeSame({ record, certificate }: Peer, other: Peer): boolean {
  if (record.who === null || other.record.who === null) return true;
  return record.who.tracker === other.record.who.tracker || (certificate !== null && certificate === other.certificate);
}

/**
 * An introduced link comes before one that only claims the id. A link that carried nothing for a while is dead or squats on the id, so a
 * new one takes its place. Otherwise this is glare: both sides keep the link that the lower peer id offered.
 */
function givesWay({ now, ownId }: Context, other: Peer, peer: Peer, peerId: PeerId): boolean {
  if ((other.record.who === null) !== (peer.record.who === null)) return other.record.who === null;
  if (now - other.openedAt >= glareMs) return other.recentDown.shown(now) === 0 && other.recentUp.shown(now) === 0;
  const weOffer = ownId < peerId;
  return other.initiator !== weOffer && peer.initiator !== other.initiator;
}
