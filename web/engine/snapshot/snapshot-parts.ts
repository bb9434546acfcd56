import type { Failure } from '../../../shared/failure.ts';
import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import type { TorrentStorage } from '../storage/torrent-storage.ts';
import type { SnapshotParts } from './snapshot.ts';
import { isKeptBack, magnetOf, type TorrentRecord } from '../session/torrent-record.ts';

/** Where a torrent stands, beside what its driver says. */
export interface TorrentState {
  readonly record: TorrentRecord;
  readonly storage: TorrentStorage | null;
  readonly formerId: string | null;
  readonly failure: Failure | null;
  readonly checkedBytes: number | null;
  readonly lastSeenAt: number | null;
}

/** What a snapshot takes from a torrent's record and storage. */
export function partsOf(state: TorrentState, watched: boolean): SnapshotParts {
  const { record, storage, formerId, failure, checkedBytes, lastSeenAt } = state;
  return {
    id: record.infoHash,
    infoHash: record.infoHash,
    formerId,
    name: record.name,
    magnet: magnetOf(record),
    failure,
    mine: record.mine,
    source: sourceOf(record, storage),
    addedAt: record.addedAt,
    lastSeenAt,
    paused: record.paused,
    chosen: record.wanted !== null,
    keptBack: isKeptBack(record),
    savedBy: record.savedBy?.length ?? 0,
    fileCount: storage?.files.length ?? 0,
    storing: storage?.isStoring ?? false,
    checkedBytes,
    geometry: storage?.geometry ?? null,
    watched: watched && storage !== null ? { have: storage.reader.have, files: storage.shown, wanted: record.wanted } : null,
  };
}

function sourceOf({ mine }: TorrentRecord, storage: TorrentStorage | null): TorrentSnapshot['source'] {
  if (storage === null || !mine || storage.stored.have.isFull) return 'stored';
  // Without a piece of the torrent the files are others: the person may choose again.
  if (storage.reader.files === null || !storage.isReadable) return 'unreachable';
  return storage.have.isFull ? 'files' : 'partly';
}
