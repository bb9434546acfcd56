import type { FailureCode } from '../../../shared/failure.ts';
import type { Phase, TorrentSnapshot, Waiting } from '../../bridge/protocol.ts';

/** Something that happened to a torrent while this page looked on. Times are milliseconds since the epoch. */
export type Activity = { readonly atMs: number } & (
  | { readonly kind: 'state'; readonly phase: Phase; readonly waiting: Waiting }
  | { readonly kind: 'joined' | 'left'; readonly peer: TorrentSnapshot['peers'][number] }
  | { readonly kind: 'corrupt'; readonly pieces: number }
  | { readonly kind: 'tracker'; readonly url: string; readonly state: 'connecting' | 'working' | 'failing' }
  | { readonly kind: 'saved'; readonly people: number }
  | { readonly kind: 'finished' }
  | { readonly kind: 'failure'; readonly code: FailureCode }
);

/** Strangers that come and go fill the log: what is older is dropped. */
const mostEntries = 300;

/** What changed from one snapshot to the next, oldest first. */
export function changesBetween(before: TorrentSnapshot, after: TorrentSnapshot, atMs: number): Activity[] {
  const changes: Activity[] = [];
  const links = new Map(before.peers.filter(isKnown).map((peer) => [peer.link, peer]));
  for (const peer of after.peers.filter(isKnown)) if (!links.delete(peer.link)) changes.push({ atMs, kind: 'joined', peer });
  for (const peer of links.values()) changes.push({ atMs, kind: 'left', peer });
  if (after.phase !== before.phase || after.waiting !== before.waiting) {
    changes.push({ atMs, kind: 'state', phase: after.phase, waiting: after.waiting });
  }
  const corrupt = after.failedPieces - before.failedPieces;
  if (corrupt > 0) changes.push({ atMs, kind: 'corrupt', pieces: corrupt });
  const states = new Map(before.trackers.map(({ url, state }) => [url, state]));
  for (const { url, state } of after.trackers) if (states.get(url) !== state) changes.push({ atMs, kind: 'tracker', url, state });
  if (after.savedBy > before.savedBy) changes.push({ atMs, kind: 'saved', people: after.savedBy });
  if (after.finishedAt !== null && before.finishedAt === null && !after.mine) changes.push({ atMs, kind: 'finished' });
  if (after.failure !== null && after.failure.code !== before.failure?.code) {
    changes.push({ atMs, kind: 'failure', code: after.failure.code });
  }
  return changes;
}

/** Before the handshake nothing is known of a person, not even the client. */
function isKnown({ peerId }: TorrentSnapshot['peers'][number]): boolean {
  return peerId !== null;
}

/** The log with these entries added; the oldest go. Who joined takes the name and the client that they say only after the handshake. */
export function withActivity(log: readonly Activity[], added: readonly Activity[], peers: TorrentSnapshot['peers']): readonly Activity[] {
  const introduced = new Map(peers.filter(({ name }) => name !== '').map((peer) => [peer.link, peer]));
  let isNew = added.length > 0;
  const entries = log.map((entry) => {
    if (entry.kind !== 'joined' || entry.peer.name !== '') return entry;
    const peer = introduced.get(entry.peer.link);
    // Link numbers begin anew with each engine.
    if (peer === undefined || peer.peerId !== entry.peer.peerId) return entry;
    isNew = true;
    return { atMs: entry.atMs, kind: 'joined', peer } as const;
  });
  return isNew ? [...entries, ...added].slice(-mostEntries) : log;
}
