import type { Failure } from '../../../shared/failure.ts';
import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import type { Material } from '../storage/torrent-storage.ts';
import type { SnapshotParts } from './snapshot.ts';
import { isKeptBack, magnetOf, type TorrentRecord } from '../session/torrent-record.ts';

/** Where a torrent stands, beside what its driver says. */
export interface TorrentState {
  readonly record: TorrentRecord;
  readonly material: Material | null;
  readonly formerId: string | null;
  readonly failure: Failure | null;
  readonly checkedBytes: number | null;
  readonly lastSeenAt: number | null;
}

/** What a snapshot takes from a torrent's record and material. */
export function partsOf(state: TorrentState, watched: boolean): SnapshotParts {
  const { record, material, formerId, failure, checkedBytes, lastSeenAt } = state;
  return {
    id: record.infoHash,
    infoHash: record.infoHash,
    formerId,
    name: record.name,
    magnet: magnetOf(record),
    failure,
    mine: record.mine,
    source: sourceOf(record, material),
    addedAt: record.addedAt,
    lastSeenAt,
    paused: record.paused,
    chosen: record.wanted !== null,
    keptBack: isKeptBack(record),
    savedBy: record.savedBy?.length ?? 0,
    fileCount: material?.files.length ?? 0,
    storing: material?.isStoring ?? false,
    checkedBytes,
    geometry: material?.geometry ?? null,
    watched: watched && material !== null ? { have: material.content.have, files: material.shown, wanted: record.wanted } : null,
  };
}

function sourceOf({ mine }: TorrentRecord, material: Material | null): TorrentSnapshot['source'] {
  if (material === null || !mine || material.stored.have.isFull) return 'stored';
  // Without a piece of the torrent the files are others: the person may choose again.
  if (material.content.files === null || !material.isReadable) return 'unreachable';
  return material.have.isFull ? 'files' : 'partly';
}
