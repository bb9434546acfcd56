import { toHex } from '../../../shared/bytes.ts';
import { failureOf, type Failure } from '../../../shared/failure.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import { Rate } from '../../../shared/swarm/lib/rate.ts';
import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import type { Hashing, SnapshotChanges } from '../interfaces.ts';
import { hashShare, type HashedShare, type PreparedProgress, type SharePlan } from './hash-files.ts';
import { etaSeconds } from '../snapshot/snapshot.ts';

/** The same as for the rates of a running torrent. */
const rateSeconds = 20;

/** The result of hashing a share. */
export interface Prepared extends HashedShare {
  readonly infoHash: InfoHash;
}

/** A share whose files are being hashed. */
export class Preparation {
  readonly id: string;
  readonly plan: SharePlan;
  readonly #changes: SnapshotChanges;
  readonly #abort = new AbortController();
  readonly #rate = new Rate(rateSeconds);
  readonly #addedAt = Date.now();
  #prepared: PreparedProgress = { bytes: 0, files: 0 };
  #failure: Failure | null = null;
  #title: string | null = null;

  constructor(id: string, plan: SharePlan, changes: SnapshotChanges) {
    this.id = id;
    this.plan = plan;
    this.#changes = changes;
  }

  /** `null` where it was cancelled or failed; the snapshot shows the failure. */
  async run(hashing: Hashing): Promise<Prepared | null> {
    try {
      const hashed = await hashShare(this.plan, hashing, (prepared) => this.#progress(prepared), this.#abort.signal);
      return { ...hashed, infoHash: toHex(await hashing.sha1(hashed.infoBytes)) as InfoHash };
    } catch (error) {
      this.#failure = failureOf(error, 'fileUnreadable');
      this.#changes.changed();
      return null;
    }
  }

  /** The title that the person gave it, now or when the same files were shared before; `null` where they gave none. */
  get title(): string | null {
    return this.#title;
  }

  rename(title: string): void {
    this.#title = title;
    this.#changes.changed();
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
    this.#changes.progressed();
  }
}

/** A torrent that nobody else knows yet. */
const nothingYet = {
  infoHash: null,
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
  suggestedFiles: null,
  withheld: false,
} as const;
