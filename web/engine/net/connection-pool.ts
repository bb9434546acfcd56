import { assert } from '../../../shared/assert.ts';
import type { LinkId, Milliseconds } from '../../../shared/ids.ts';
import { maxFurtherConnections } from '../../../shared/limits.ts';
import type { RtcOrder, RtcReport } from '../../bridge/protocol.ts';
import { ChannelLink, type Channel } from '../links/channel-link.ts';
import type { NextTask } from '../links/next-task.ts';
import { RelayChannel } from '../links/relay-channel.ts';
import type { Connection, ConnectionOwner } from './connection.ts';

/** Chrome fails when a page holds too many connections (reports begin at about 120). */
const maxOpen = 60;
const maxPending = 20;

/** The rest of `maxPending` is reserved for answers: a page that only offers could never be reached. */
const maxOffering = 12;

/** More for what somebody looks at: twelve links that nobody has keep an offer each. */
const maxOfferingInView = 16;

/** A description that is not made within this time is never made. */
const gatherMs = 10_000;

/** As WebTorrent: bittorrent-tracker's OFFER_TIMEOUT, and the connect timeout of its peers. */
const offeredMs = 50_000;
const connectMs = 25_000;

/**
 * On one network browsers give each other names instead of addresses, which they look up with a multicast question (mDNS, RFC 6762). It may get
 * lost, or come before the other browser answers for a new page: then neither side tries anything. Firefox asks again after a second.
 */
const missingMs = 1500;

/** Answers arrive within seconds, so an older unanswered offer may be reused. */
const answeredMs = 10_000;

/** ICE candidates age: an older offer is made again instead of reused. */
const reusableMs = 60_000;

/** The page reports a link without network after this and what the browser takes to notice: younger offers are of the new address. */
const silentMs = 5000;

/** Opens connections through the page within the page's budget, and ends those that do not open in time. */
export class ConnectionPool {
  readonly #order: (order: RtcOrder) => void;
  readonly #nextTask: NextTask;
  readonly #now: () => Milliseconds;
  readonly #connections = new Map<LinkId, Connection>();
  readonly #madeAt = new Map<LinkId, Milliseconds>();
  #lastId = 0;

  constructor(order: (order: RtcOrder) => void, nextTask: NextTask, now: () => Milliseconds) {
    this.#order = order;
    this.#nextTask = nextTask;
    this.#now = now;
  }

  /** How many more connections the page may hold, those included that idle ones make room for. */
  get room(): number {
    return maxOpen - this.#live + this.#idle().length;
  }

  /** Open connections and those that are being opened with a peer. */
  get #live(): number {
    return this.#count(({ isFurther, state }) => !isFurther && (state === 'answering' || state === 'connecting' || state === 'open'));
  }

  /**
   * A connection that is or will be `ready`; `null` where the page's budget is used up. Reuses an unanswered offer before making another, and takes
   * the place of one that its owner can spare.
   */
  offer(owner: ConnectionOwner): Connection | null {
    const unanswered = this.#oldestOffered(answeredMs);
    if (unanswered !== null && this.#isReusable(unanswered)) return this.#reuse(unanswered, owner);
    const offering = this.#count(
      ({ isFurther, initiator, state }) => !isFurther && initiator && state !== 'connecting' && state !== 'open',
    );
    const most = owner.isInView?.() === true ? maxOfferingInView : maxOffering;
    if (offering >= most || this.#pending() >= maxPending || this.room <= 0) {
      const spare = this.#spareFor(owner);
      if (spare === null) return null;
      if (this.#isReusable(spare)) return this.#reuse(spare, owner);
      this.#giveUp(spare);
    }
    const connection = this.#make(owner, true, 'gathering', gatherMs);
    this.#order({ kind: 'offer', link: connection.id });
    return connection;
  }

  /** Links that nobody has would keep all offers for themselves: an owner without any gets one from whoever has several and is not in view. */
  #spareFor(owner: ConnectionOwner): Connection | null {
    if (this.room <= 0 || this.#count((other) => other.owner === owner) > 0) return null;
    const isSpare = ({ isFurther, state, owner: other }: Connection): boolean =>
      !isFurther && state === 'offered' && other.isInView?.() !== true;
    const offered = [...this.#connections.values()].filter(isSpare);
    return offered.find((one) => offered.some((other) => other !== one && other.owner === one.owner)) ?? null;
  }

  #isReusable({ id }: Connection): boolean {
    return this.#now() - (this.#madeAt.get(id) ?? Number.NEGATIVE_INFINITY) < reusableMs;
  }

  #reuse(unanswered: Connection, owner: ConnectionOwner): Connection {
    unanswered.owner.taken(unanswered);
    unanswered.owner = owner;
    unanswered.offerId = '';
    this.#enter(unanswered, 'ready', offeredMs);
    return unanswered;
  }

  #giveUp(unanswered: Connection): void {
    unanswered.owner.taken(unanswered);
    this.close(unanswered);
  }

  /** Answers another peer's offer; `null` where the page's budget is used up. An unanswered offer of ours gives way. */
  answer(owner: ConnectionOwner, sdp: string): Connection | null {
    const isCrowded = this.#pending() >= maxPending;
    const unanswered = isCrowded ? this.#oldestOffered(0) : null;
    // An idle link makes room only for an offer that is answered.
    if ((isCrowded && unanswered === null) || !this.#makeRoom()) return null;
    if (unanswered !== null) this.#giveUp(unanswered);
    const connection = this.#make(owner, false, 'answering', connectMs);
    this.#order({ kind: 'answer', link: connection.id, sdp });
    return connection;
  }

  /** The same for one more connection of an open link. */
  offerFurther(owner: ConnectionOwner): Connection | null {
    if (!this.#hasRoomForFurther) return null;
    const connection = this.#make(owner, true, 'gathering', gatherMs, true);
    this.#order({ kind: 'offer', link: connection.id });
    return connection;
  }

  answerFurther(owner: ConnectionOwner, sdp: string): Connection | null {
    if (!this.#hasRoomForFurther) return null;
    const connection = this.#make(owner, false, 'answering', connectMs, true);
    this.#order({ kind: 'answer', link: connection.id, sdp });
    return connection;
  }

  sent(connection: Connection, offerId: string, tracker: string): void {
    assert(connection.state === 'ready', 'only an unsent offer is sent');
    connection.offerId = offerId;
    connection.tracker = tracker;
    this.#enter(connection, 'offered', offeredMs);
  }

  /** The answer to our offer has arrived. */
  accept(connection: Connection, sdp: string): void {
    assert(connection.state === 'offered', 'only an unanswered offer is answered');
    // Where nothing is idle the page goes over its budget by the few offers that were sent while there was room.
    this.#makeRoom();
    this.#enter(connection, 'connecting', connectMs);
    this.#order({ kind: 'accept', link: connection.id, sdp });
  }

  /** Shortens the time in which the connection must open. */
  hasten(connection: Connection, forMs: number): void {
    connection.deadlineAt = Math.min(connection.deadlineAt, this.#now() + forMs);
  }

  /** Closes it without calling its owner. */
  close(connection: Connection): void {
    if (this.#remove(connection)) this.#order({ kind: 'close', link: connection.id });
  }

  report(report: RtcReport): void {
    const connection = this.#connections.get(report.link);
    if (connection === undefined) {
      // We closed the connection while the page was still opening it.
      if (report.kind === 'channel') report.channel.close();
      else if (report.kind === 'port') report.port.close();
      return;
    }
    if (report.kind === 'description') this.#described(connection, report.sdp);
    else if (report.kind === 'channel') this.#attach(connection, report.channel);
    else if (report.kind === 'port') this.#attach(connection, new RelayChannel(report.port));
    else if (report.kind === 'roundTrip') this.#measured(connection, report.ms);
    else if (report.kind === 'path') connection.path = report.path;
    else if (report.kind === 'checking') connection.addresses = 'tried';
    else if (report.kind === 'silent') this.#fellSilent(connection);
    else this.#lost(connection);
  }

  #measured(connection: Connection, roundTripMs: Milliseconds): void {
    if (connection.state === 'open') connection.owner.measured?.(connection, roundTripMs);
  }

  /** Its owner looks for another way to the peer at once: until the page gives a connection up 5 s pass. */
  #fellSilent(connection: Connection): void {
    if (connection.state !== 'open' || connection.isFurther) return;
    this.#dropOldOffers();
    connection.owner.fellSilent?.(connection);
  }

  #addressesMissing(connection: Connection): void {
    connection.addresses = 'missing';
    connection.owner.addressesMissing?.(connection);
  }

  #lost(connection: Connection): void {
    if (connection.state === 'open' && !connection.isFurther) this.#dropOldOffers();
    this.#end(connection);
  }

  /** A link fell silent. Perhaps our address changed, and offers from before name the old one: sent again they cost the peer 25 s each. */
  #dropOldOffers(): void {
    const now = this.#now();
    for (const connection of this.#connections.values()) {
      const isUnused = connection.initiator && !connection.isFurther && !['connecting', 'open'].includes(connection.state);
      if (!isUnused || now - (this.#madeAt.get(connection.id) ?? now) < silentMs) continue;
      this.#order({ kind: 'close', link: connection.id });
      this.#end(connection);
    }
  }

  /** Ends connections that did not open in time. */
  advance(now: Milliseconds): void {
    for (const connection of this.#connections.values()) {
      if (missingAt(connection) <= now) this.#addressesMissing(connection);
      if (connection.deadlineAt > now) continue;
      this.#order({ kind: 'close', link: connection.id });
      this.#end(connection);
    }
  }

  wakeAt(): Milliseconds {
    let at = Infinity;
    for (const connection of this.#connections.values()) at = Math.min(at, connection.deadlineAt, missingAt(connection));
    return at;
  }

  /** Closes the connection that has been open the longest of those that are idle, where the page is full. False where it stays full. */
  #makeRoom(): boolean {
    if (this.#live < maxOpen) return true;
    const idle = this.#idle();
    const [oldest] = idle.toSorted((a, b) => a.since - b.since || a.id - b.id);
    if (oldest === undefined) return false;
    this.close(oldest);
    oldest.owner.evicted(oldest);
    return true;
  }

  #idle(): Connection[] {
    return [...this.#connections.values()].filter((connection) => connection.state === 'open' && connection.owner.isIdle(connection));
  }

  get #hasRoomForFurther(): boolean {
    return this.#count(({ isFurther }) => isFurther) < maxFurtherConnections;
  }

  #make(owner: ConnectionOwner, initiator: boolean, state: Connection['state'], forMs: number, isFurther = false): Connection {
    const id = ++this.#lastId as LinkId;
    const now = this.#now();
    const connection: Connection = {
      id,
      initiator,
      isFurther,
      owner,
      state,
      since: now,
      deadlineAt: now + forMs,
      sdp: '',
      offerId: '',
      tracker: '',
      peerId: null,
      certificate: null,
      addresses: 'untried',
      link: null,
      path: null,
    };
    this.#connections.set(id, connection);
    this.#madeAt.set(id, now);
    return connection;
  }

  #enter(connection: Connection, state: Connection['state'], forMs: number): void {
    connection.state = state;
    connection.since = this.#now();
    connection.deadlineAt = connection.since + forMs;
  }

  #described(connection: Connection, sdp: string): void {
    connection.sdp = sdp;
    if (connection.state === 'gathering') this.#enter(connection, 'ready', offeredMs);
    else if (connection.state === 'answering') this.#enter(connection, 'connecting', connectMs);
    else return;
    connection.owner.described(connection);
  }

  #attach(connection: Connection, channel: Channel): void {
    const options = { id: connection.id, channel, nextTask: this.#nextTask, now: this.#now };
    connection.link = new ChannelLink(options, {
      opened: () => this.#opened(connection),
      closed: () => {
        this.#order({ kind: 'close', link: connection.id });
        this.#end(connection);
      },
    });
  }

  #opened(connection: Connection): void {
    this.#enter(connection, 'open', Infinity);
    this.#order({ kind: 'opened', link: connection.id, isMeasured: !connection.isFurther });
    connection.owner.opened(connection);
  }

  #end(connection: Connection): void {
    const wasOpen = connection.state === 'open';
    if (this.#remove(connection)) connection.owner.ended(connection, wasOpen);
  }

  #remove(connection: Connection): boolean {
    if (!this.#connections.delete(connection.id)) return false;
    this.#madeAt.delete(connection.id);
    connection.link?.close();
    return true;
  }

  #pending(): number {
    return this.#count(({ isFurther, state }) => !isFurther && state !== 'open');
  }

  #count(is: (connection: Connection) => boolean): number {
    let count = 0;
    for (const connection of this.#connections.values()) if (is(connection)) count++;
    return count;
  }

  /** The oldest offer that has been unanswered for at least `forMs`. */
  #oldestOffered(forMs: number): Connection | null {
    const before = this.#now() - forMs;
    let oldest: Connection | null = null;
    for (const connection of this.#connections.values()) {
      if (connection.isFurther || connection.state !== 'offered' || connection.since > before) continue;
      if (oldest === null || connection.since < oldest.since) oldest = connection;
    }
    return oldest;
  }
}

/** When {@link ConnectionOwner.addressesMissing} is due. */
function missingAt({ state, isFurther, addresses, since }: Connection): Milliseconds {
  return state === 'connecting' && !isFurther && addresses === 'untried' ? since + missingMs : Infinity;
}
