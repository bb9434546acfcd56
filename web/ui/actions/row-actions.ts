import type { TorrentSnapshot } from '../../bridge/protocol.ts';

/** What a person can do with a torrent now. */
export function isResumable({ phase, waiting }: Pick<TorrentSnapshot, 'phase' | 'waiting'>): boolean {
  return phase === 'paused' || phase === 'failed' || waiting === 'noRoom';
}

/** Before the list of files is there, nothing downloads that could be paused. */
export function isPausable(snapshot: Pick<TorrentSnapshot, 'phase' | 'waiting'>): boolean {
  return !isResumable(snapshot) && snapshot.phase !== 'hashing' && snapshot.phase !== 'metadata';
}

export function isCheckable({ verifiedBytes, phase }: Pick<TorrentSnapshot, 'verifiedBytes' | 'phase'>): boolean {
  return verifiedBytes > 0 && phase !== 'checking' && phase !== 'hashing';
}
