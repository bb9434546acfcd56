import type { TorrentRecord } from '../library/torrent-record.ts';

/** So many deaths of the Worker while it stepped a torrent set that torrent aside. */
const mostCrashes = 2;

/** What ran for so long since is not to blame for a death of before. */
const forgottenMs = 10 * 60_000;

interface Counted {
  readonly record: TorrentRecord;
  remember(change: Partial<TorrentRecord>): void;
}

export function isSetAside({ crashes = 0 }: TorrentRecord): boolean {
  return crashes >= mostCrashes;
}

/** The Worker died while it stepped this torrent. */
export function countCrash(torrent: Counted): void {
  torrent.remember({ crashes: (torrent.record.crashes ?? 0) + 1 });
}

export function forgetCrashesLater(torrent: Counted): void {
  if ((torrent.record.crashes ?? 0) === 0) return;
  setTimeout(() => torrent.remember({ crashes: 0 }), forgottenMs);
}
