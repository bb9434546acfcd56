import type { WebSeedPolicy } from '../../../shared/swarm/events.ts';
import { isLoopback, usableTrackers } from '../../../shared/torrent/magnet/trackers.ts';
import type { Connections, Hashing } from '../interfaces.ts';
import type { SnapshotPublisher } from '../snapshot/publisher.ts';
import type { BufferPool } from '../storage/buffer-pool.ts';
import type { ReadCache } from '../storage/files/read-cache.ts';
import type { StorageReport } from '../storage/storage-report.ts';
import type { Library } from './library.ts';

/** What every torrent of a session shares. */
export interface SessionContext {
  readonly connections: Connections;
  readonly hashing: Hashing;
  readonly library: Library;
  readonly publisher: SnapshotPublisher;
  readonly storageReport: StorageReport;
  readonly cache: ReadCache;
  readonly buffers: BufferPool;
  readonly webSeedPolicy: () => WebSeedPolicy;
}

/** A page loaded over http may use ws and http with its own host: that is as protected as the page itself. */
export function isInsecureAllowed(host: string): boolean {
  return isLoopback(host) || (location.protocol === 'http:' && host === location.hostname);
}

/** The named trackers, then our own. Our tracker answers under any path and takes one connection a peer, so each host is used once. */
export function withOwnTrackers(named: readonly (readonly string[])[], own: readonly string[]): string[] {
  const usable = usableTrackers(named, isInsecureAllowed);
  const hosts = new Set(usable.map((url) => new URL(url).host));
  const further = usableTrackers([own], isInsecureAllowed).filter((url) => !hosts.has(new URL(url).host));
  return usableTrackers([usable, further], isInsecureAllowed);
}
