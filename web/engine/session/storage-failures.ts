import type { Failure } from '../../../shared/failure.ts';
import type { PieceIndex } from '../../../shared/ids.ts';
import type { Event } from '../../../shared/swarm/events.ts';
import type { StorageReport } from '../storage/storage-report.ts';
import type { StorageListener } from '../storage/torrent-storage.ts';

export interface FailingTorrent {
  failed(failure: Failure): void;
  /** An event for its driver. */
  feed(event: Event): void;
}

/** What storage reports of one torrent, as failures for people and events for the driver. */
export class StorageFailures implements StorageListener {
  readonly #torrent: FailingTorrent;
  readonly #report: StorageReport;

  constructor(torrent: FailingTorrent, report: StorageReport) {
    this.#torrent = torrent;
    this.#report = report;
  }

  storageFull(): void {
    this.#torrent.failed({ code: 'quotaExceeded' });
    this.#torrent.feed({ kind: 'storageFull' });
  }

  storageRefused(): void {
    this.#report.refused();
  }

  storageLost(): void {
    this.#torrent.failed({ code: 'storageLost' });
  }

  fileUnreadable(path: string): void {
    this.#torrent.failed({ code: 'fileUnreadable', detail: path });
  }

  pieceLost(piece: PieceIndex): void {
    this.#torrent.feed({ kind: 'pieceLost', piece });
  }
}
