import type { Milliseconds } from '../../ids.ts';
import type { Allowance } from '../bandwidth/allowance.ts';
import { isLimited } from '../bandwidth/bandwidth-limit.ts';
import { updateInterest } from './interest.ts';
import { type Context, type Peer, sayDeferredHaves, sayLateHaves, send } from './peer.ts';

/** Why the link must end now, or `null`. Nobody is at fault. Called at every tick. */
export function reasonToEnd({ now, config }: Context, peer: Peer): 'handshakeTimeout' | 'inactive' | null {
  if (peer.peerId === null && now - peer.openedAt > config.handshakeTimeoutMs) return 'handshakeTimeout';
  return now - peer.lastHeardAt > config.inactiveMs ? 'inactive' : null;
}

export function keepInTouch(context: Context, peer: Peer): void {
  if (context.now - peer.lastSentAt >= context.config.keepAliveMs) send(context, peer, { type: 'keepAlive' });
  if (context.metadata !== null) updateInterest(context, peer, context.metadata.have.isFull);
  sayDeferredHaves(context, peer);
  sayLateHaves(context, peer);
}

/** Links between us and other complete peers carry nothing. The first few stay, to show who else has everything. */
export function surplusSeeds({ config, peers }: Context): readonly Peer[] {
  return [...peers.values()].filter((peer) => peer.isComplete).slice(config.seedLinksKept);
}

/** Links may wait for turns: under the limits of the person, or under their own. */
export function hasTurns({ limits, nextProbeAt }: Context): boolean {
  return nextProbeAt < Number.POSITIVE_INFINITY || isLimited(limits);
}

/** When the next turn of a link, or of the web seeds, under a bandwidth limit begins, or the next probe is due; infinite where nobody waits. */
export function nextTurnAt(context: Context, webSeeds: Allowance): Milliseconds {
  const { peers, now, nextProbeAt } = context;
  if (!hasTurns(context)) return Number.POSITIVE_INFINITY;
  let at = Math.min(nextProbeAt, webSeeds.wakeAt(now));
  for (const { upAllowance, downAllowance } of peers.values()) at = Math.min(at, upAllowance.wakeAt(now), downAllowance.wakeAt(now));
  return at;
}
