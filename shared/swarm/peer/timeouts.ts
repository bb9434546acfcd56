import { type Context, type Peer, sayDeferredHaves, sayLateHaves, send } from './peer.ts';

/** Why the link must end now, or `null`. Nobody is at fault. Called at every tick. */
export function reasonToEnd({ now, config }: Context, peer: Peer): 'handshakeTimeout' | 'inactive' | null {
  if (peer.peerId === null && now - peer.openedAt > config.handshakeTimeoutMs) return 'handshakeTimeout';
  return now - peer.lastHeardAt > config.inactiveMs ? 'inactive' : null;
}

export function keepInTouch(context: Context, peer: Peer): void {
  if (context.now - peer.lastSentAt >= context.config.keepAliveMs) send(context, peer, { type: 'keepAlive' });
  sayDeferredHaves(context, peer);
  sayLateHaves(context, peer);
}

/** Links between us and other complete peers carry nothing. The first few stay, to show who else has everything. */
export function surplusSeeds({ config, peers }: Context): readonly Peer[] {
  return [...peers.values()].filter((peer) => peer.isComplete).slice(config.seedLinksKept);
}
