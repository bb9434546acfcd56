import type { TorrentSnapshot } from '../bridge/protocol.ts';

export type GroupName = 'downloading' | 'sharing' | 'finished' | 'paused';

interface Grouped {
  readonly snapshot: Pick<TorrentSnapshot, 'phase' | 'mine' | 'addedAt' | 'id'>;
}

const order: readonly GroupName[] = ['downloading', 'sharing', 'finished', 'paused'];

function groupOf({ phase, mine }: Grouped['snapshot']): GroupName {
  if (phase === 'paused') return 'paused';
  if (phase === 'hashing' || mine) return 'sharing';
  return phase === 'seeding' ? 'finished' : 'downloading';
}

/** Groups that have members, newest first in each; the id settles a tie. */
export function groupsOf<Member extends Grouped>(torrents: readonly Member[]): { name: GroupName; members: Member[] }[] {
  const sorted = torrents.toSorted((a, b) => b.snapshot.addedAt - a.snapshot.addedAt || (a.snapshot.id < b.snapshot.id ? -1 : 1));
  const groups = order.map((name) => ({ name, members: sorted.filter(({ snapshot }) => groupOf(snapshot) === name) }));
  return groups.filter(({ members }) => members.length > 0);
}
