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
    peer.amInterested = true;
    if (!context.isReceiving) context.nextConnectionsAt = now;
    send(context, peer, { type: 'interested' });
  } else if (peer.amInterested && (isComplete || now - peer.uselessSince >= config.chokeRoundMs)) {
    peer.amInterested = false;
    send(context, peer, { type: 'notInterested' });
  }
}
