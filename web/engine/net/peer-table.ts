import { present } from '../../../shared/assert.ts';
import type { LinkId, Milliseconds, PeerId } from '../../../shared/ids.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { leadToSamePeer, type Leading } from './glare.ts';
import { MultiLink } from './multi-link.ts';
import type { Feed } from '../interfaces.ts';
import { PeerHistory } from './peer-history.ts';

/** A leech that waits for a slot may be quiet as long; two choke rounds are 20 s. */
const idleMs = 60_000;

/** The connections of one torrent, the links over those that are open, and what is remembered of its peers. */
export class PeerTable {
  readonly history = new PeerHistory();
  readonly #pool: ConnectionPool;
  readonly #owner: ConnectionOwner;
  readonly #now: () => Milliseconds;
  readonly #connections = new Map<LinkId, Connection>();
  /** Of the open connections. */
  readonly #links = new Map<LinkId, MultiLink>();

  /** `owner` hears what becomes of the connections. */
  constructor(pool: ConnectionPool, owner: ConnectionOwner, now: () => Milliseconds) {
    this.#pool = pool;
    this.#now = now;
    this.#owner = owner;
  }

  get all(): readonly Connection[] {
    return [...this.#connections.values()];
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Connections being opened (somebody answered, the channel is not open yet). */
  get connecting(): number {
    return this.count('answering') + this.count('connecting');
  }

  /** Open links that are of use and those being opened. */
  get links(): number {
    return this.connecting + this.all.filter((connection) => connection.state === 'open' && !this.isIdle(connection)).length;
  }

  /** Nothing but control messages for a minute. Such a link stays as long as there is room, for it may yet become useful. */
  isIdle({ id, since }: Connection): boolean {
    const usefulAt = this.#links.get(id)?.usefulAt ?? since;
    return this.#now() - usefulAt >= idleMs;
  }

  get(id: LinkId): Connection | null {
    return this.#connections.get(id) ?? null;
  }

  link(id: LinkId): MultiLink | null {
    return this.#links.get(id) ?? null;
  }

  with(peerId: PeerId | null): readonly Connection[] {
    return this.all.filter((connection) => connection.peerId !== null && connection.peerId === peerId);
  }

  /** Connections under this id that lead to the same peer as one that came this way. */
  sameAs(peerId: PeerId | null, leading: Leading): readonly Connection[] {
    return this.with(peerId).filter((connection) => leadToSamePeer(connection, leading));
  }

  count(state: Connection['state']): number {
    let count = 0;
    for (const connection of this.#connections.values()) if (connection.state === state) count++;
    return count;
  }

  /** A connection by our own offer; `null` where the page's budget is used up. */
  offer(): Connection | null {
    return this.#keep(this.#pool.offer(this.#owner));
  }

  /** A connection by another peer's offer, answered by us. */
  answer(introduction: Pick<Connection, 'peerId' | 'offerId' | 'tracker' | 'certificate'>, sdp: string): void {
    const connection = this.#pool.answer(this.#owner, sdp);
    if (connection !== null) this.#keep(Object.assign(connection, introduction));
  }

  /** The connection is open: what arrives goes to `feed`. */
  openLink(connection: Connection, feed: Feed): MultiLink {
    const link = new MultiLink(present(connection.link, 'an open connection has a link'), this.#pool, feed);
    this.#links.set(connection.id, link);
    return link;
  }

  forget({ id }: Connection): void {
    this.#connections.delete(id);
    this.#links.get(id)?.close();
    this.#links.delete(id);
  }

  /** Forgets the connection and closes it. */
  drop(connection: Connection): void {
    this.forget(connection);
    this.#pool.close(connection);
  }

  #keep(connection: Connection | null): Connection | null {
    if (connection !== null) this.#connections.set(connection.id, connection);
    return connection;
  }
}
