import type { Milliseconds } from '../../shared/ids.ts';
import type { Announce, Answer, Scrape } from '../../shared/tracker/client-messages.ts';
import type { StoreTotals } from './totals.ts';
import type { ConnectionId, Peer, Swarm } from './swarm.ts';
import type { Delivery } from './memory-store.ts';

/**
 * What the server asks of its store: {@link MemoryStore} in the memory of one process, or {@link RedisStore}, the same over Redis. What a call
 * causes comes out in `out`; a clustered store may bring the rest later, through the server's `perform`.
 */
export interface Store {
  readonly swarmCount: number;
  readonly peerCount: number;
  /** Of this node alone, where there are several. */
  readonly totals: StoreTotals;
  everySwarm(): Iterable<Swarm>;
  /** The swarm of this key (the first 20 units of its info hash), of this node alone. */
  swarmOf(key: string): Swarm | undefined;
  announce(now: Milliseconds, from: ConnectionId, message: Announce, out: Delivery[]): void;
  answer(now: Milliseconds, from: ConnectionId, message: Answer, out: Delivery[]): void;
  scrape(from: ConnectionId, message: Scrape, out: Delivery[]): void;
  leave(now: Milliseconds, connection: ConnectionId, out: Delivery[]): void;
  answered(connection: ConnectionId, out: Delivery[]): void;
  expire(now: Milliseconds, atMost: number, out: Delivery[]): boolean;
}

/** What the store of one node tells the cluster, where there is one. */
export interface StoreListener {
  /** A peer came or announced again. It is the neighbours who answer it and place its offers, here or elsewhere. */
  announced(peer: Peer, message: Announce): void;
  /** A peer is gone, for whatever reason. */
  left(peer: Peer): void;
  /** `peer` may answer this offer, and the one it is for is not here. */
  answeredElsewhere(peer: Peer, message: Answer): void;
}
