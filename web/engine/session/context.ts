import type { BandwidthLimit } from '../../../shared/swarm/bandwidth/bandwidth-limit.ts';
import type { WebSeedPolicy } from '../../../shared/swarm/events.ts';
import type { KeepCopy } from '../../bridge/preferences.ts';
import type { Connections, Hashing } from '../interfaces.ts';
import type { SnapshotPublishers } from '../snapshot/publisher.ts';
import type { BufferPool } from '../storage/buffer-pool.ts';
import type { ReadCache } from '../storage/files/read-cache.ts';
import type { StorageReport } from '../storage/storage-report.ts';
import type { Library } from '../library/library.ts';
import type { HeldFiles } from './held-files.ts';

/** What every torrent of a session shares. */
export interface SessionContext {
  readonly connections: Connections;
  readonly hashing: Hashing;
  readonly library: Library;
  readonly publisher: SnapshotPublishers;
  readonly storageReport: StorageReport;
  readonly held: HeldFiles;
  /** Storage was emptied of pieces of this torrent: others that wait for room go on. */
  readonly roomMade: (id: string) => void;
  readonly cache: ReadCache;
  readonly buffers: BufferPool;
  /** This torrent is about to be stepped. If the Worker dies now, it is suspected. */
  readonly stepping: (id: string) => void;
  /** For all torrents together. */
  readonly limits: { readonly down: BandwidthLimit; readonly up: BandwidthLimit };
  readonly keepCopy: () => KeepCopy;
  /** What the person calls themselves. */
  readonly ownName: () => string;
  /** Transfers give way to whatever else uses this person's line. */
  readonly isGentle: () => boolean;
  readonly webSeedPolicy: () => WebSeedPolicy;
  /** This page's own trackers, as far as they are known. */
  readonly ownTrackers: () => readonly string[];
}
