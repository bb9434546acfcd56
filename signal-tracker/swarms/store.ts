import type { Milliseconds } from '../../shared/ids.ts';
import type { Announce, Answer, Scrape } from '../../shared/tracker/client-messages.ts';
import type { ConnectionId, Delivery } from './delivery.ts';
import type { Peer, Swarm } from './swarm.ts';
import type { StoreTotals } from './totals.ts';

/**
 * What the server needs of a store: `MemoryStore` keeps the swarms of one process, `RedisStore` shares them with other nodes. The effects of a
 * call are appended to `out`; the Redis store may deliver the rest later, through the server's `perform`.
 */
export interface Store {
  /** Of this node only, where there are several. */
  readonly totals: StoreTotals;
  everySwarm(): Iterable<Swarm>;
  /** The swarm of this key (the first 20 units of its info hash), on this node only. */
  swarmOf(key: string): Swarm | undefined;
  /** A connection opened at this address (`''`: loopback). `leave` ends it. */
  enter(connection: ConnectionId, address: string): void;
  announce(now: Milliseconds, from: ConnectionId, message: Announce, out: Delivery[]): void;
  answer(now: Milliseconds, from: ConnectionId, message: Answer, out: Delivery[]): void;
  scrape(from: ConnectionId, message: Scrape, out: Delivery[]): void;
  leave(now: Milliseconds, connection: ConnectionId, out: Delivery[]): void;
  answered(connection: ConnectionId, out: Delivery[]): void;
  expire(now: Milliseconds, atMost: number, out: Delivery[]): boolean;
}

/** What a node's memory store reports to the cluster, where there is one. */
export interface StoreListener {
  /** A peer came or announced again. The listener answers it and relays its offers, here or to other nodes. */
  announced(peer: Peer, message: Announce): void;
  /** A peer is gone, for whatever reason. */
  left(peer: Peer): void;
  /** `peer` may answer this offer, and the peer that made it is not on this node. */
  answeredElsewhere(peer: Peer, message: Answer): void;
}
