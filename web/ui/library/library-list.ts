import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { progressOf } from '../../state/torrent-view.svelte.ts';
import { compareNames } from '../text/compare-names.ts';
import { groupOf, type GroupName, groupOrder } from './library-groups.ts';

/** What the list is sorted by; `state` shows it in groups. */
export type SortKey = 'state' | 'name' | 'size' | 'progress' | 'down' | 'up' | 'people' | 'added' | 'finished';

export interface Sorting {
  readonly key: SortKey;
  readonly descending: boolean;
}

type Listed = Pick<
  TorrentSnapshot,
  'id' | 'name' | 'phase' | 'waiting' | 'mine' | 'addedAt' | 'finishedAt' | 'totalBytes' | 'downRate' | 'upRate' | 'peers'
> &
  Parameters<typeof progressOf>[0];

interface Row {
  readonly snapshot: Listed;
}

/** `null`: the only group of a list that is sorted by something else. */
export interface RowGroup<Member> {
  readonly name: GroupName | null;
  readonly members: readonly Member[];
}

const values: Readonly<Record<Exclude<SortKey, 'name' | 'state'>, (snapshot: Listed) => number>> = {
  size: ({ totalBytes }) => totalBytes,
  progress: progressOf,
  down: ({ downRate, phase }) => (phase === 'hashing' ? 0 : downRate),
  up: ({ upRate }) => upRate,
  people: ({ peers }) => peers.length,
  added: ({ addedAt }) => addedAt,
  finished: ({ finishedAt }) => finishedAt ?? 0,
};

/** Groups with their rows in the order of the list. Equal rows are ordered newest first, then by id, so that no row jumps. */
export function arranged<Member extends Row>(rows: readonly Member[], sorting: Sorting): RowGroup<Member>[] {
  const sorted = rows.toSorted((a, b) => compared(a.snapshot, b.snapshot, sorting));
  if (sorting.key !== 'state') return sorted.length === 0 ? [] : [{ name: null, members: sorted }];
  const order = sorting.descending ? groupOrder.toReversed() : groupOrder;
  const groups = order.map((name) => ({ name, members: sorted.filter(({ snapshot }) => groupOf(snapshot) === name) }));
  return groups.filter(({ members }) => members.length > 0);
}

function compared(a: Listed, b: Listed, { key, descending }: Sorting): number {
  const sign = descending ? -1 : 1;
  if (key === 'name') return sign * compareNames(a.name, b.name) || newestFirst(a, b);
  if (key === 'state') return newestFirst(a, b);
  return sign * (values[key](a) - values[key](b)) || newestFirst(a, b);
}

function newestFirst(a: Listed, b: Listed): number {
  return b.addedAt - a.addedAt || (a.id < b.id ? -1 : 1);
}

/** How many there are of each group. */
export function countsOf(rows: readonly Row[]): ReadonlyMap<GroupName, number> {
  const counts = new Map<GroupName, number>();
  for (const { snapshot } of rows) counts.set(groupOf(snapshot), (counts.get(groupOf(snapshot)) ?? 0) + 1);
  return counts;
}
