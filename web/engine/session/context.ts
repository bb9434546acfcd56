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

/** A page that came over http reaches its own host over ws and http: nothing there is less protected than the page itself. */
export function isInsecureAllowed(host: string): boolean {
  return isLoopback(host) || (location.protocol === 'http:' && host === location.hostname);
}

/** Those that are named, then our own. One tracker may be known by several paths (any is ours); it takes one connection a peer. */
export function withOwnTrackers(named: readonly (readonly string[])[], own: readonly string[]): string[] {
  const usable = usableTrackers(named, isInsecureAllowed);
  const hosts = new Set(usable.map((url) => new URL(url).host));
  const further = usableTrackers([own], isInsecureAllowed).filter((url) => !hosts.has(new URL(url).host));
  return usableTrackers([usable, further], isInsecureAllowed);
}
