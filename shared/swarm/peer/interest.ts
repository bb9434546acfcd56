import { type Context, type Peer, send } from './peer.ts';

/**
 * INTERESTED is sent once and kept: WebTorrent unchokes at once only at the first. It is taken back when everything is here, or when
 * the peer had nothing for us for a whole round.
 */
export function updateInterest(context: Context, peer: Peer, isComplete: boolean): void {
  const { now, config } = context;
  if (peer.usefulPieces > 0) {
    peer.uselessSince = now;
    if (peer.amInterested) return;
    sayInterested(context, peer);
  } else if (peer.amInterested && (isComplete || now - peer.uselessSince >= config.chokeRoundMs)) {
    peer.amInterested = false;
    send(context, peer, { type: 'notInterested' });
  }
}

/** What somebody asked for interests us before we know its pieces, wherever there are any. */
export function updateEarlyInterest(context: Context, peer: Peer): void {
  const { earlyField } = peer;
  if (!context.isAskedFor || earlyField === null) return;
  const hasPieces = earlyField.type === 'bitfield' ? earlyField.bits.some((byte) => byte !== 0) : earlyField.type === 'haveAll';
  if (hasPieces === peer.amInterested) return;
  if (hasPieces) return sayInterested(context, peer);
  peer.amInterested = false;
  send(context, peer, { type: 'notInterested' });
}

export function sayInterested(context: Context, peer: Peer): void {
  peer.amInterested = true;
  if (peer.peerChoking) peer.interestedAt = context.now;
  if (!context.isReceiving) context.nextConnectionsAt = context.now;
  send(context, peer, { type: 'interested' });
}

/** The peer unchoked us: at once, where it had a slot. */
export function heardUnchoke({ now }: Context, peer: Peer): void {
  if (peer.interestedAt !== null) peer.pipeline.answers.heard(now - peer.interestedAt);
  peer.interestedAt = null;
}
