import type { Milliseconds, PeerId } from '../../../shared/ids.ts';
import type { Connection } from './connection-pool.ts';

/** Connections that two peers offered each other at the same moment open within this of each other. */
export const glareMs = 5000;

/** One tracker introduces a pair again only when the peer has begun anew, which takes it longer than this. */
export const repeatedOfferMs = 300;

/** Whoever takes blocks sends a request more often than this, on any link that is worth having. */
const stuckMs = 2000;

export interface Verdict {
  readonly close: readonly Connection[];
  /** Better ones that have not opened: they have as long as such a pair opens apart, and are not missed otherwise. */
  readonly hasten: readonly Connection[];
}

/**
 * Which of several connections to one peer to keep now that `opened` has opened. Two peers that offer to each other at the same moment (glare)
 * both answer, and keep what the lower peer id offered once that is open; until then the other serves, so that neither side waits for one
 * that never opens (WebTorrent may close either). An answer not yet sent is not sent any more. Both sides decide alike, each for itself. A link much older than the new one is
 * dead on the other side, which would not have made another.
 */
export function resolveGlare(opened: Connection, toSamePeer: readonly Connection[], ours: PeerId, now: Milliseconds): Verdict {
  const close: Connection[] = [];
  const hasten: Connection[] = [];
  for (const rival of toSamePeer) {
    if (rival === opened) continue;
    if (newerWins(opened, rival, now) || offeredByLower(opened, ours)) close.push(rival);
    else if (rival.state === 'open') close.push(opened);
    else if (rival.state === 'answering') close.push(rival);
    else hasten.push(rival);
  }
  return { close, hasten };
}

/**
 * Whether an open link takes nothing and brings nothing. Its peer may have lost it: browsers of two sides notice that up to 10 s apart.
 * One on which nothing is to be sent may be quiet for a minute, and nobody misses it meanwhile.
 */
export function isStuck(connection: Connection, now: Milliseconds): boolean {
  return now - connection.since >= glareMs && now - connection.link!.heardAt >= stuckMs && connection.link!.queuedBytes > 0;
}

function newerWins(opened: Connection, rival: Connection, now: Milliseconds): boolean {
  return rival.initiator === opened.initiator || (rival.state === 'open' && now - rival.since > glareMs);
}

function offeredByLower(connection: Connection, ours: PeerId): boolean {
  return connection.initiator === ours < connection.peerId!;
}
