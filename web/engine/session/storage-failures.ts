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
  /** Files were just chosen, and whoever chose them hears whether they are the right ones. */
  #isChoosing = false;

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

  filesChanged(paths: readonly string[]): void {
    if (!this.#isChoosing) this.#torrent.failed({ code: 'fileChanged', detail: paths.join(' · ') });
  }

  /** Files that turn out to be others during `check` are no failure. */
  async whileChosen<T>(check: () => Promise<T>): Promise<T> {
    this.#isChoosing = true;
    try {
      return await check();
    } finally {
      this.#isChoosing = false;
    }
  }

  pieceLost(piece: PieceIndex): void {
    this.#torrent.feed({ kind: 'pieceLost', piece });
  }
}
