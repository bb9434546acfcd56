import type { TorrentSnapshot } from '../bridge/protocol.ts';

/** How much the others depend on this tab. */
export type KeepOpen =
  /** Not ours to keep: received, paused, failed, out of reach, or still being prepared. */
  | { readonly level: 'none' }
  /** Amber: nobody else has 1 % yet. */
  | { readonly level: 'alone' }
  /** Blue: the others have `share` (0–1) of it between them. */
  | { readonly level: 'partly'; readonly share: number }
  /** Blue: the others have every piece between them, but nobody has all. */
  | { readonly level: 'spread' }
  /** Green: `people` others have all of it. */
  | { readonly level: 'safe'; readonly people: number };

/** Less is shown as “0 %”. */
const leastShare = 0.01;

export function keepOpenOf(snapshot: Pick<TorrentSnapshot, 'mine' | 'phase' | 'source' | 'copies' | 'peers' | 'seeds'>): KeepOpen {
  if (!snapshot.mine || snapshot.phase !== 'seeding' || snapshot.source === 'unreachable') return { level: 'none' };
  const connected = snapshot.peers.filter((peer) => peer.has === 1).length;
  // Complete peers disconnect from each other, so the tracker may count more of them than we have links to.
  const people = Math.max(connected, snapshot.seeds ?? 0);
  if (people > 0) return { level: 'safe', people };
  if (snapshot.copies >= 1) return { level: 'spread' };
  return snapshot.copies >= leastShare ? { level: 'partly', share: snapshot.copies } : { level: 'alone' };
}

/** Whether closing the tab would take something from the others: `beforeunload` asks only then. */
export function mustStay(keepOpen: KeepOpen): boolean {
  return keepOpen.level === 'alone' || keepOpen.level === 'partly' || keepOpen.level === 'spread';
}
