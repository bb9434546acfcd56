import { maxParallelConnections } from '../../../shared/limits.ts';
import type { LinkId, Milliseconds, PieceIndex } from '../../../shared/ids.ts';
import type { ConnectionSignal } from '../../../shared/wire/extensions/connection-signal.ts';
import type { WireMessage } from '../../../shared/wire/messages.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { ChannelLink } from '../links/channel-link.ts';
import type { Feed, Link } from '../interfaces.ts';

/** Attempts in a row that may fail over the life of a link: a connection that cannot be had is not tried for ever. */
const maxFailures = 2 * maxParallelConnections;

/** An answer comes over the link itself, so soon or not at all. */
const answerMs = 10_000;

/**
 * A link over one connection or several. The first, which exists from the start, carries everything; the further ones only
 * blocks, each of which goes where the least is queued. Blocks that follow each other share a channel message. Connections beyond those in
 * use rest: they stay open and get nothing. What arrives goes from each connection straight to the torrent's driver.
 */
export class MultiLink implements Link, ConnectionOwner {
  readonly id: LinkId;
  readonly #first: ChannelLink;
  readonly #pool: ConnectionPool;
  readonly #feed: Feed;
  /** The further connections by number, from 1, open or being opened. */
  readonly #further = new Map<number, Connection>();
  /** Those of the open ones that blocks go over, by number. */
  #used: readonly ChannelLink[];
  #useCount = maxParallelConnections;
  /** Where the last block went. */
  #current: ChannelLink;
  #failures = 0;

  constructor(first: ChannelLink, pool: ConnectionPool, feed: Feed) {
    this.id = first.id;
    this.#first = first;
    this.#pool = pool;
    this.#feed = feed;
    this.#used = [first];
    this.#current = first;
    first.attach(feed, this.id, 0);
  }

  /** When blocks last went either way on any of its connections. */
  get usefulAt(): Milliseconds {
    return Math.max(...this.#used.map(({ usefulAt }) => usefulAt));
  }

  send(message: WireMessage, countedBytes = 0): void {
    this.#first.send(message, countedBytes);
  }

  sendBlock(piece: PieceIndex, begin: number, block: Uint8Array): void {
    if (this.#used.length > 1 && !this.#current.fitsBlock(block.length)) {
      this.#current.flush();
      this.#current = this.#leastQueued();
    }
    this.#current.sendBlock(piece, begin, block);
  }

  flush(): void {
    for (const link of this.#used) link.flush();
  }

  useConnections(count: number): void {
    this.#useCount = count;
    this.#choose();
  }

  /** Further connections go with their link, never by themselves. */
  isIdle(): boolean {
    return false;
  }

  evicted(connection: Connection): void {
    this.ended(connection, connection.state === 'open');
  }

  /** Offers the connections that are missing to `count`, or closes those beyond it. False where nothing changed. */
  setConnections(count: number): boolean {
    const before = this.#further.size;
    for (let number = 1; number < count; number++) if (!this.#further.has(number)) this.#offer(number);
    for (const [number, connection] of this.#further) if (number >= count) this.#drop(number, connection);
    if (this.#further.size < before) this.#tellOpen();
    return this.#further.size !== before;
  }

  /** The peer's description of a connection. */
  signalled({ connection: number, type, sdp }: ConnectionSignal): void {
    const known = this.#further.get(number);
    if (type === 'answer') {
      if (known?.state === 'offered') this.#pool.accept(known, sdp);
      return;
    }
    if (known !== undefined) this.#replace(number, known);
    const connection = this.#pool.answerFurther(this, sdp);
    if (connection !== null) this.#further.set(number, connection);
  }

  /** Closes the further connections. Whoever made the first one closes it. */
  close(): void {
    for (const connection of this.#further.values()) this.#pool.close(connection);
    this.#further.clear();
    this.#used = [];
  }

  described(connection: Connection): void {
    const number = this.#numberOf(connection);
    if (number === null) return;
    if (connection.initiator) {
      this.#pool.sent(connection, `connection ${number}`, '');
      this.#pool.hasten(connection, answerMs);
    }
    const signal = { connection: number, type: connection.initiator ? 'offer' : 'answer', sdp: connection.sdp } as const;
    this.#feed({ kind: 'connectionSignal', link: this.id, signal });
  }

  opened(connection: Connection): void {
    const number = this.#numberOf(connection);
    if (number === null) return;
    connection.link?.attach(this.#feed, this.id, number);
    this.#failures = 0;
    this.#choose();
    this.#tellOpen();
  }

  ended(connection: Connection, wasOpen: boolean): void {
    const number = this.#numberOf(connection);
    if (number === null) return;
    this.#forget(number, connection);
    if (wasOpen) this.#tellLost(number);
    else this.#failures++;
  }

  taken(connection: Connection): void {
    const number = this.#numberOf(connection);
    if (number !== null) this.#further.delete(number);
  }

  #offer(number: number): void {
    if (this.#failures > maxFailures) return;
    const connection = this.#pool.offerFurther(this);
    if (connection !== null) this.#further.set(number, connection);
  }

  /** The other side lost the connection and offers it again before we noticed. */
  #replace(number: number, connection: Connection): void {
    const wasOpen = connection.state === 'open';
    this.#drop(number, connection);
    if (wasOpen) this.#tellLost(number);
  }

  #drop(number: number, connection: Connection): void {
    this.#forget(number, connection);
    this.#pool.close(connection);
  }

  /** Its link will report nothing more, so what it had queued counts as drained. */
  #forget(number: number, { link }: Connection): void {
    this.#further.delete(number);
    if (link === null) return;
    this.#choose();
    if (link.undrainedBytes > 0) this.#feed({ kind: 'drained', link: this.id, bytes: link.undrainedBytes });
  }

  /** Of several that wait for nothing the one after the last: a loss halves one connection, so none should carry more than its share. */
  #leastQueued(): ChannelLink {
    const next = this.#used.indexOf(this.#current) + 1;
    const inTurn = [...this.#used.slice(next), ...this.#used.slice(0, next)];
    return inTurn.reduce((least, link) => (link.queuedBytes < least.queuedBytes ? link : least));
  }

  /** Those with the lowest numbers are used. */
  #choose(): void {
    const open = [...this.#further].filter(([, { state }]) => state === 'open').toSorted(([a], [b]) => a - b);
    this.#used = [this.#first, ...open.flatMap(([, { link }]) => link ?? [])].slice(0, this.#useCount);
    for (const link of this.#used) link.shareQueue(this.#used.length);
    if (this.#used.includes(this.#current)) return;
    this.#current.flush();
    this.#current = this.#first;
  }

  #tellOpen(): void {
    let count = 1;
    for (const { state } of this.#further.values()) if (state === 'open') count++;
    this.#feed({ kind: 'connectionsOpen', link: this.id, count });
  }

  #tellLost(number: number): void {
    this.#feed({ kind: 'connectionLost', link: this.id, connection: number });
    this.#tellOpen();
  }

  #numberOf(connection: Connection): number | null {
    for (const [number, other] of this.#further) if (other === connection) return number;
    return null;
  }
}
