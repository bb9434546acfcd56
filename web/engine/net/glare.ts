import type { Milliseconds, PeerId } from '../../../shared/ids.ts';
import type { Connection } from './connection.ts';

/** Two connections that peers offered each other at the same moment open within this time of each other. */
export const glareMs = 5000;

/** Our tracker repeats an introduction only when the peer restarted, which takes longer than this. */
export const repeatedOfferMs = 300;

/** A downloading peer sends requests more often than this on any useful link. */
const stuckMs = 2000;

/** A digest as descriptions of sessions name it (RFC 8122), and the only mention of one. */
const fingerprintLine = /^a=fingerprint:(sha-256 [\da-f]{2}(?::[\da-f]{2}){31})\r?$/im;

/**
 * The fingerprint of the one certificate that the other side of this description can have; `null` where it names none or several. It is
 * proved only when the connection is open. Our own peers have one certificate for all connections of a page, others one for each.
 */
export function certificateIn(sdp: string): string | null {
  if (sdp.split(/fingerprint/i, 3).length !== 2) return null;
  return fingerprintLine.exec(sdp)?.[1]?.toLowerCase() ?? null;
}

/**
 * Whether two connections under one peer id lead to one peer: the same tracker introduced both, or they have the same certificate. Anybody
 * may take a public id at a second tracker, and is to hold nobody off there.
 */
export function leadToSamePeer(a: Leading, b: Leading): boolean {
  return a.tracker === b.tracker || (a.certificate !== null && a.certificate === b.certificate);
}

/** What tells where a connection leads. */
export type Leading = Pick<Connection, 'tracker' | 'certificate'>;

export interface Verdict {
  readonly close: readonly Connection[];
  /** Preferred connections that have not opened yet: they get `glareMs` to do so. */
  readonly hasten: readonly Connection[];
}

/**
 * Which of several connections to one peer to keep when one has opened. Two peers that offer to each other at the same moment (glare) both
 * answer. Once open, the connection that the lower peer id offered is kept; until then the other one is used, so that neither side waits for
 * one that never opens (WebTorrent may close either). An answer that is not sent yet is dropped. Both sides decide alike. A link that is
 * much older than the new one must be dead on the other side, or that side would not have made another.
 */
export function resolveGlare(opened: Connection, toSamePeer: readonly Connection[], ours: PeerId, now: Milliseconds): Verdict {
  const close: Connection[] = [];
  const hasten: Connection[] = [];
  for (const rival of toSamePeer) {
    if (rival === opened || !leadToSamePeer(rival, opened)) continue;
    if (newerWins(opened, rival, now) || offeredByLower(opened, ours)) close.push(rival);
    else if (rival.state === 'open') close.push(opened);
    else if (rival.state === 'answering') close.push(rival);
    else hasten.push(rival);
  }
  return { close, hasten };
}

/**
 * Whether nothing moves on an open link although we have something to send. Its peer may have lost it: two browsers notice that up to 10 s
 * apart. A link with nothing to send may be quiet for a minute.
 */
export function isStuck({ since, link }: Connection, now: Milliseconds): boolean {
  return link !== null && now - since >= glareMs && now - link.heardAt >= stuckMs && link.queuedBytes > 0;
}

function newerWins(opened: Connection, rival: Connection, now: Milliseconds): boolean {
  return rival.initiator === opened.initiator || (rival.state === 'open' && now - rival.since > glareMs);
}

function offeredByLower(connection: Connection, ours: PeerId): boolean {
  return connection.peerId !== null && connection.initiator === ours < connection.peerId;
}
