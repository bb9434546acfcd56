import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { needsFiles } from '../text/ui-state.ts';

export type GroupName = 'needsFiles' | 'notStarted' | 'downloading' | 'sharing' | 'finished' | 'paused';

/** What waits for the person comes first. */
export const groupOrder: readonly GroupName[] = ['needsFiles', 'downloading', 'notStarted', 'sharing', 'finished', 'paused'];

export function groupOf(snapshot: Pick<TorrentSnapshot, 'phase' | 'waiting' | 'mine'>): GroupName {
  const { phase, mine } = snapshot;
  if (needsFiles(snapshot)) return 'needsFiles';
  if (phase === 'paused') return 'paused';
  if (phase === 'metadata') return 'notStarted';
  if (snapshot.waiting === 'files') return 'finished';
  // Your own share that you download again from others counts as a download.
  if (phase === 'downloading' || phase === 'stalled') return 'downloading';
  if (phase === 'hashing' || mine) return 'sharing';
  return phase === 'seeding' ? 'finished' : 'downloading';
}
