import { type Context, type Peer, sayDeferredHaves, send } from './peer.ts';

/** Why the link must end now, or `null`. `messageFlood` is the peer's fault, the others are nobody's. Called at every tick. */
export function reasonToEnd({ now, config }: Context, peer: Peer): 'messageFlood' | 'handshakeTimeout' | 'inactive' | null {
  peer.recentMessages = Math.max(0, peer.recentMessages - config.messagesPerSecond);
  if (peer.recentMessages > 10 * config.messagesPerSecond) return 'messageFlood';
  if (peer.peerId === null && now - peer.openedAt > config.handshakeTimeoutMs) return 'handshakeTimeout';
  return now - peer.lastHeardAt > config.inactiveMs ? 'inactive' : null;
}

export function keepInTouch(context: Context, peer: Peer): void {
  if (context.now - peer.lastSentAt >= context.config.keepAliveMs) send(context, peer, { type: 'keepAlive' });
  sayDeferredHaves(context, peer);
}

/** Links between us and other complete peers carry nothing. The first few stay, to show who else has everything. */
export function surplusSeeds({ config, peers }: Context): readonly Peer[] {
  return [...peers.values()].filter((peer) => peer.isComplete).slice(config.seedLinksKept);
}
