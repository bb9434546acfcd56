import { toHex } from '../../../shared/bytes.ts';
import { failureOf, type Failure } from '../../../shared/failure.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import { Rate } from '../../../shared/swarm/lib/rate.ts';

import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import type { SnapshotPublisher } from '../snapshot/publisher.ts';
import type { Hashing } from '../interfaces.ts';
import { hashShare, type PreparedProgress, type SharePlan } from './hash-files.ts';
import { etaSeconds } from '../snapshot/snapshot.ts';

/** As the rates of a running torrent. */
const rateSeconds = 20;

/** What hashing a share ends in. */
export interface Prepared {
  readonly infoHash: InfoHash;
  readonly infoBytes: Uint8Array<ArrayBuffer>;
}

/** A share whose files are being hashed; it has a temporary id until its info hash is known. */
export class Preparation {
  readonly id: string;
  readonly plan: SharePlan;
  readonly #publisher: Pick<SnapshotPublisher, 'changed' | 'progressed'>;
  readonly #abort = new AbortController();
  readonly #rate = new Rate(rateSeconds);
  readonly #addedAt = Date.now();
  #prepared: PreparedProgress = { bytes: 0, files: 0 };
  #failure: Failure | null = null;
  #title: string | null = null;

  constructor(id: string, plan: SharePlan, publisher: Pick<SnapshotPublisher, 'changed' | 'progressed'>) {
    this.id = id;
    this.plan = plan;
    this.#publisher = publisher;
  }

  /** `null` where it failed, which the snapshot then says, or was cancelled. */
  async run(hashing: Hashing): Promise<Prepared | null> {
    try {
      const infoBytes = await hashShare(this.plan, hashing, (prepared) => this.#progress(prepared), this.#abort.signal);
      return { infoBytes, infoHash: toHex(await hashing.sha1(infoBytes)) as InfoHash };
    } catch (error) {
      this.#failure = failureOf(error, 'fileUnreadable');
      this.#publisher.changed(this.id);
      return null;
    }
  }

  /** What a person called it, now or when the same files were shared before; `null` where they did not. */
  get title(): string | null {
    return this.#title;
  }

  rename(title: string): void {
    this.#title = title;
    this.#publisher.changed(this.id);
  }

  cancel(): void {
    this.#abort.abort();
  }

  snapshot(): TorrentSnapshot {
    const totalBytes = this.plan.geometry.totalBytes;
    const downRate = this.#rate.perSecond(performance.now());
    return {
      ...nothingYet,
      id: this.id,
      name: this.#title ?? this.plan.name,
      phase: this.#failure === null ? 'hashing' : 'failed',
      failure: this.#failure,
      totalBytes,
      wantedBytes: totalBytes,
      fileCount: this.plan.files.length,
      preparedBytes: this.#prepared.bytes,
      preparedFiles: this.#prepared.files,
      downRate,
      etaSeconds: etaSeconds(totalBytes - this.#prepared.bytes, downRate),
      addedAt: this.#addedAt,
    };
  }

  #progress(prepared: PreparedProgress): void {
    this.#rate.add(performance.now(), prepared.bytes - this.#prepared.bytes);
    this.#prepared = prepared;
    this.#publisher.progressed(this.id);
  }
}

/** A torrent nobody knows of but us. */
const nothingYet = {
  infoHash: null,
  formerId: null,
  magnet: null,
  waiting: 'none',
  mine: true,
  source: 'files',
  verifiedBytes: 0,
  wantedVerifiedBytes: 0,
  upRate: 0,
  downBytes: 0,
  upBytes: 0,
  wastedBytes: 0,
  peers: [],
  connecting: 0,
  savedBy: 0,
  seeds: null,
  leeches: null,
  trackers: [],
  copies: 0,
  unavailableBytes: 0,
  lastSeenAt: null,
  pieceBins: null,
  fileProgress: null,
  wantedFiles: null,
} as const;
