import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { progressBytesOf } from '../../state/torrent-view.svelte.ts';
import { minShownRate, receiversOf } from '../text/ui-state.ts';

/** What is under way in this browser, over all torrents. */
export interface UnderWay {
  /** Torrents that move: prepared, checked, downloaded or sent. */
  readonly count: number;
  /** 0–1 of everything that is not finished; `null` where there is nothing to finish. */
  readonly progress: number | null;
  readonly downRate: number;
  readonly upRate: number;
}

export function underWay(snapshots: readonly TorrentSnapshot[]): UnderWay {
  const unfinished = snapshots.filter(({ phase }) => phase === 'hashing' || phase === 'checking' || phase === 'downloading');
  const sending = snapshots.filter((snapshot) => !unfinished.includes(snapshot) && isSending(snapshot));
  const bytes = unfinished.map(progressBytesOf);
  const total = sum(bytes.map((each) => each.total));
  return {
    count: unfinished.length + sending.length,
    progress: total === 0 ? null : sum(bytes.map(({ done }) => done)) / total,
    downRate: sum(snapshots.map((snapshot) => (snapshot.phase === 'hashing' ? 0 : snapshot.downRate))),
    upRate: sum(snapshots.map((snapshot) => snapshot.upRate)),
  };
}

/** A rate is a mean of the last seconds: when the last person has everything, it goes on for a while. */
function isSending(snapshot: TorrentSnapshot): boolean {
  return snapshot.upRate > minShownRate && receiversOf(snapshot).length > 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
