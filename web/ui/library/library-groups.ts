import type { TorrentSnapshot } from '../../bridge/protocol.ts';

export type GroupName = 'lacking' | 'downloading' | 'sharing' | 'finished' | 'paused';

interface Grouped {
  readonly snapshot: Pick<TorrentSnapshot, 'phase' | 'waiting' | 'mine' | 'addedAt' | 'id'>;
}

const order: readonly GroupName[] = ['lacking', 'downloading', 'sharing', 'finished', 'paused'];

/** Our own share waits for its files: without them it is not (or not all of it) shared, which nobody else can change. */
export function isLacking({ waiting }: Pick<TorrentSnapshot, 'waiting'>): boolean {
  return waiting === 'files';
}

function groupOf(snapshot: Grouped['snapshot']): GroupName {
  const { phase, mine } = snapshot;
  if (isLacking(snapshot)) return 'lacking';
  if (phase === 'paused') return 'paused';
  // What was asked of others is a download, whoever shared it first.
  if (phase === 'downloading' || phase === 'stalled') return 'downloading';
  if (phase === 'hashing' || mine) return 'sharing';
  return phase === 'seeding' ? 'finished' : 'downloading';
}

/** Groups that have members, newest first in each; the id settles a tie. */
export function groupsOf<Member extends Grouped>(torrents: readonly Member[]): { name: GroupName; members: Member[] }[] {
  const sorted = torrents.toSorted((a, b) => b.snapshot.addedAt - a.snapshot.addedAt || (a.snapshot.id < b.snapshot.id ? -1 : 1));
  const groups = order.map((name) => ({ name, members: sorted.filter(({ snapshot }) => groupOf(snapshot) === name) }));
  return groups.filter(({ members }) => members.length > 0);
}
