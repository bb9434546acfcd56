import type { Milliseconds, PeerId } from '../../../shared/ids.ts';
import type { Random } from '../../../shared/random.ts';
import type { Swarm } from '../interfaces.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { Bans } from './peer-history.ts';
import type { TrackerClient } from './tracker-client.ts';

/** What one torrent's swarm needs of the parts that all torrents share. */
export interface SwarmContext {
  readonly peerId: PeerId;
  readonly pool: ConnectionPool;
  readonly trackers: TrackerClient;
  readonly random: Random;
  readonly now: () => Milliseconds;
  /** No torrent of this session connects to these peers again. */
  readonly banned: Bans;
  /** An id nobody can guess. */
  readonly newOfferId: () => string;
  /** Something happened: call `advance` soon, and again at `wakeAt`. */
  readonly touched: () => void;
  readonly left: (swarm: Swarm) => void;
}
