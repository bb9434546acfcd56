import { lostAccess } from '../text/ui-state.ts';
import type { FailureCode } from '../../../shared/failure.ts';
import type { TorrentSnapshot } from '../../bridge/protocol.ts';

/** The torrent itself is at fault: another try ends the same. */
const final: ReadonlySet<FailureCode> = new Set(['badTorrent', 'piecesTooLarge', 'v2Only'] as const);

type Snapshot = Pick<TorrentSnapshot, 'phase' | 'waiting' | 'failure'>;

/** What a person can do with a torrent now. */
export function isResumable({ phase, waiting, failure }: Snapshot): boolean {
  if (phase === 'failed') return failure === null || !final.has(failure.code);
  return phase === 'paused' || waiting === 'noRoom';
}

/** Before the list of files is there, nothing downloads that could be paused. */
export function isPausable(snapshot: Snapshot): boolean {
  return !isResumable(snapshot) && !['hashing', 'metadata', 'failed'].includes(snapshot.phase);
}

/** A link of somebody else of which nothing was downloaded. What was saved elsewhere and cannot be read there now was. */
export function isUntouched(snapshot: Pick<TorrentSnapshot, 'mine' | 'verifiedBytes' | 'source'>): boolean {
  return !snapshot.mine && snapshot.verifiedBytes === 0 && !lostAccess(snapshot);
}

export function isCheckable({ verifiedBytes, phase }: Pick<TorrentSnapshot, 'verifiedBytes' | 'phase'>): boolean {
  return verifiedBytes > 0 && phase !== 'checking' && phase !== 'hashing';
}
