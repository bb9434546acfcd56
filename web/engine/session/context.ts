import type { WebSeedPolicy } from '../../../shared/swarm/events.ts';
import type { Library } from './library.ts';
import type { BufferPool } from '../storage/buffer-pool.ts';
import type { Connections, Hashing } from '../interfaces.ts';
import type { ReadCache } from '../storage/files/read-cache.ts';

/** What every torrent of a session shares. */
export interface SessionContext {
  readonly connections: Connections;
  readonly hashing: Hashing;
  readonly cache: ReadCache;
  readonly buffers: BufferPool;
  readonly library: Library;
  readonly webSeedPolicy: () => WebSeedPolicy;
  /** A snapshot of this torrent would say something new. */
  readonly changed: (id: string) => void;
  /** … that a person waits for. */
  readonly awaited: (id: string) => void;
  /** … in its numbers alone. */
  readonly progressed: (id: string) => void;
  /** The browser refuses storage: from now on in memory. */
  readonly storageRefused: () => void;
}
