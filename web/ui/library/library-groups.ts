import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { needsFiles } from '../text/ui-state.ts';

export type GroupName = 'needsFiles' | 'notStarted' | 'downloading' | 'sharing' | 'finished' | 'paused';

interface Grouped {
  readonly snapshot: Pick<TorrentSnapshot, 'phase' | 'waiting' | 'mine' | 'addedAt' | 'id'>;
}

const order: readonly GroupName[] = ['needsFiles', 'downloading', 'notStarted', 'sharing', 'finished', 'paused'];

function groupOf(snapshot: Grouped['snapshot']): GroupName {
  const { phase, mine } = snapshot;
  if (needsFiles(snapshot)) return 'needsFiles';
  if (phase === 'paused') return 'paused';
  if (phase === 'metadata') return 'notStarted';
  // Your own share that you download again from others counts as a download.
  if (phase === 'downloading' || phase === 'stalled') return 'downloading';
  if (phase === 'hashing' || mine) return 'sharing';
  return phase === 'seeding' ? 'finished' : 'downloading';
}

/** All groups that have members. Newest first in each group; ties are ordered by id. */
export function groupsOf<Member extends Grouped>(torrents: readonly Member[]): { name: GroupName; members: Member[] }[] {
  const sorted = torrents.toSorted((a, b) => b.snapshot.addedAt - a.snapshot.addedAt || (a.snapshot.id < b.snapshot.id ? -1 : 1));
  const groups = order.map((name) => ({ name, members: sorted.filter(({ snapshot }) => groupOf(snapshot) === name) }));
  return groups.filter(({ members }) => members.length > 0);
}
