import type { CloseCode } from '../../../shared/failure.ts';
import type { LinkId, Milliseconds, PeerId } from '../../../shared/ids.ts';
import { maxTrackers } from '../../../shared/limits.ts';
import type { Random } from '../../../shared/random.ts';
import { shownText } from '../../../shared/shown-text.ts';
import { Announcer, type Wish } from '../../../shared/tracker/announcer.ts';
import { writeAnnounce, writeAnswer } from '../../../shared/tracker/client-messages.ts';
import type { TrackerMessage } from '../../../shared/tracker/server-messages.ts';
import type { Situation } from '../../../shared/tracker/schedule.ts';
import type { ConnectionSignal } from '../../../shared/wire/extensions/connection-signal.ts';
import type { LinkPath } from '../../bridge/protocol.ts';
import { PeerHistory } from './peer-history.ts';
import type { Connection, ConnectionPool, ConnectionOwner } from './connection-pool.ts';
import type { JoinOptions, Swarm, TrackerStatus } from '../interfaces.ts';
import { repeatedOfferMs, glareMs, isStuck, resolveGlare } from './glare.ts';
import { isTrackerUrl, type TrackerClient, type TrackerListener } from './tracker-client.ts';
import { MultiLink } from '../links/multi-link.ts';

/** What a swarm needs of the page-wide parts. */
export interface SwarmContext {
  readonly peerId: PeerId;
  readonly pool: ConnectionPool;
  readonly trackers: TrackerClient;
  readonly random: Random;
  readonly now: () => Milliseconds;
  /** Peers no torrent of this session connects to again. */
  readonly banned: Set<PeerId>;
  /** An id nobody can guess. */
  readonly newOfferId: () => string;
  /** Something happened: call `advance` soon, and again at `wakeAt`. */
  readonly touched: () => void;
  readonly left: (swarm: TorrentSwarm) => void;
}

/** As many as are looked for; more may come to us. BitTorrent clients see no gain above it (libtorrent's tuning notes). */
const wantedLinks = 30;

/** WebTorrent's limit a torrent. */
const maxLinks = 55;

/** Most offers of others that are asked for between two announces. */
const maxNumwant = 50;

/** The connections of one torrent: announces, offers and answers, and keeps one link to each peer. */
export class TorrentSwarm implements Swarm, ConnectionOwner, TrackerListener {
  readonly #options: JoinOptions;
  readonly #context: SwarmContext;
  readonly #announcer: Announcer;
  readonly #history = new PeerHistory();
  readonly #connections = new Map<LinkId, Connection>();
  /** Over the open ones among them. */
  readonly #links = new Map<LinkId, MultiLink>();
  #complete: boolean;
  #stopped = false;

  constructor(options: JoinOptions, context: SwarmContext) {
    this.#options = options;
    this.#context = context;
    this.#complete = options.complete;
    this.#announcer = new Announcer(context.random);
    this.addTrackers(options.trackers);
  }

  get connecting(): number {
    return this.#count('answering') + this.#count('connecting');
  }

  get seeds(): number | null {
    return this.#announcer.counts(this.#complete)?.seeds ?? null;
  }

  get leeches(): number | null {
    return this.#announcer.counts(this.#complete)?.leeches ?? null;
  }

  get trackers(): readonly TrackerStatus[] {
    return [...this.#announcer.trackers].map(({ url, state, failure }) => ({ url, state, failure }));
  }

  pathOf(link: LinkId): LinkPath | null {
    return this.#connections.get(link)?.path ?? null;
  }

  addTrackers(urls: readonly string[]): void {
    let room = maxTrackers - [...this.#announcer.trackers].length;
    for (const url of urls) {
      if (room === 0 || !isTrackerUrl(url) || !this.#announcer.addTracker(url)) continue;
      room--;
      this.#context.trackers.join(url, this.#options.infoHash, this);
    }
    this.#context.touched();
  }

  setComplete(complete: boolean): void {
    if (complete && !this.#complete) this.#announcer.completed();
    this.#complete = complete;
    this.#context.touched();
  }

  close(link: LinkId, code: CloseCode): void {
    const connection = this.#connections.get(link);
    if (connection === undefined) return;
    if (connection.peerId !== null) this.#history.closed(this.#context.now(), connection.peerId, code);
    this.#drop(connection);
    this.#context.touched();
  }

  widen(link: LinkId, count: number): void {
    if (this.#links.get(link)?.widen(count)) this.#context.touched();
  }

  connectionSignal(link: LinkId, signal: ConnectionSignal): void {
    this.#links.get(link)?.hear(signal);
    this.#context.touched();
  }

  ban(peerId: PeerId): void {
    this.#context.banned.add(peerId);
    for (const connection of this.#connectionsWith(peerId)) {
      const { state } = connection;
      this.#drop(connection);
      if (state === 'open') this.#options.listener.closed(connection.id);
    }
    this.#context.touched();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const connection of this.#connections.values()) this.#drop(connection);
    const urls = this.trackers.map(({ url }) => url);
    const wishes: Wish[] = [];
    this.#announcer.stop(wishes);
    for (const wish of wishes) this.#perform(wish);
    for (const url of urls) this.#context.trackers.leave(url, this.#options.infoHash);
    this.#context.left(this);
  }

  /** The network changed: offers made before it carry candidates that may not work any more. */
  online(): void {
    for (const connection of this.#connections.values()) {
      if (connection.initiator && (connection.state === 'gathering' || connection.state === 'ready' || connection.state === 'offered'))
        this.#drop(connection);
    }
    this.#history.forgive();
    this.#announcer.online(this.#context.now());
    this.#context.touched();
  }

  advance(now: Milliseconds): void {
    const wishes: Wish[] = [];
    this.#announcer.advance(now, this.#situation(), wishes);
    for (const wish of wishes) this.#perform(wish);
    this.#options.listener.changed();
  }

  wakeAt(): Milliseconds {
    return this.#announcer.wakeAt(this.#situation());
  }

  connected(url: string): void {
    this.#announcer.connected(this.#context.now(), url);
    this.#context.touched();
  }

  disconnected(url: string, reason: string): void {
    this.#announcer.disconnected(url, reason);
    this.#context.touched();
  }

  message(url: string, message: TrackerMessage): void {
    if (message.kind === 'announced') this.#announcer.replied(this.#context.now(), url, message, this.#situation());
    else if (message.kind === 'failure') this.#announcer.refused(url, shownText(message.reason));
    else if (message.kind === 'offer') this.#offered(url, message.peerId, message.offerId, message.sdp);
    else if (message.kind === 'answer') this.#answered(message.peerId, message.offerId, message.sdp);
    this.#context.touched();
  }

  described(connection: Connection): void {
    if (!connection.initiator) this.#sendAnswer(connection);
    this.#context.touched();
  }

  opened(connection: Connection): void {
    const { listener } = this.#options;
    const verdict = resolveGlare(connection, this.#connectionsWith(connection.peerId), this.#context.peerId, this.#context.now());
    for (const loser of verdict.close) {
      const wasReported = loser.state === 'open' && loser !== connection;
      this.#drop(loser);
      if (wasReported) listener.closed(loser.id);
    }
    for (const rival of verdict.hasten) this.#context.pool.hasten(rival, glareMs);
    if (verdict.close.includes(connection)) return;
    this.#history.met(connection.peerId!);
    const link = new MultiLink(connection.link!, this.#context.pool, listener);
    this.#links.set(connection.id, link);
    listener.opened(link, { initiator: connection.initiator, trackerPeerId: connection.peerId! });
    this.#context.touched();
  }

  bytes(connection: Connection, bytes: Uint8Array): void {
    this.#options.listener.bytes(connection.id, bytes);
  }

  drained(connection: Connection, blockBytes: number): void {
    this.#options.listener.drained(connection.id, blockBytes);
  }

  ended(connection: Connection, wasOpen: boolean): void {
    this.#forget(connection);
    const now = this.#context.now();
    const { peerId } = connection;
    const wasTheOnlyOne = peerId !== null && this.#connectionsWith(peerId).length === 0;
    if (wasOpen) {
      this.#options.listener.closed(connection.id);
      this.#announcer.linkLost(now);
      if (wasTheOnlyOne) this.#history.lost(peerId, connection.tracker, now - connection.since);
    } else if (wasTheOnlyOne) {
      // An answer our own page could not make is no word about the peer.
      const introducedBy = connection.state === 'connecting' ? connection.tracker : null;
      this.#history.unreachable(now, peerId, introducedBy);
    }
    this.#context.touched();
  }

  taken(connection: Connection): void {
    this.#connections.delete(connection.id);
  }

  #situation(): Situation {
    const links = this.connecting + this.#count('open');
    const offered = this.#count('offered');
    return {
      complete: this.#complete,
      links,
      room: Math.max(0, Math.min(wantedLinks - links - offered, this.#context.pool.room)),
      readyOffers: this.#count('ready'),
    };
  }

  #perform(wish: Wish): void {
    if (wish.kind === 'prepare') this.#prepare(wish.offers);
    else if (wish.kind === 'reconnect') this.#context.trackers.reset(wish.url);
    else this.#announce(wish);
  }

  #prepare(offers: number): void {
    for (let unsent = this.#count('ready') + this.#count('gathering'); unsent < offers; unsent++) {
      const connection = this.#context.pool.offer(this);
      if (connection === null) return;
      this.#connections.set(connection.id, connection);
    }
  }

  #announce(wish: Extract<Wish, { kind: 'announce' }>): void {
    const { infoHash, transferred } = this.#options;
    const { uploadedBytes, downloadedBytes, leftBytes } = transferred();
    const offers = [...this.#connections.values()].filter(({ state }) => state === 'ready').slice(0, wish.offers);
    for (const connection of offers) this.#context.pool.sent(connection, this.#context.newOfferId(), wish.url);
    const welcome = Math.min(maxNumwant, maxLinks - this.#connections.size, this.#context.pool.room);
    const text = writeAnnounce({
      infoHash,
      peerId: this.#context.peerId,
      numwant: wish.event === 'stopped' ? 0 : Math.max(offers.length, welcome),
      uploaded: uploadedBytes,
      downloaded: downloadedBytes,
      left: this.#complete ? 0 : leftBytes,
      event: wish.event,
      offers,
      unreachable: wish.event === 'stopped' ? [] : this.#history.takeReports(wish.url),
    });
    this.#context.trackers.send(wish.url, text);
  }

  #offered(url: string, peerId: PeerId, offerId: string, sdp: string): void {
    const now = this.#context.now();
    if (!this.#welcome(now, peerId)) return;
    if (this.connecting + this.#count('open') >= maxLinks) return;
    for (const connection of this.#connectionsWith(peerId)) {
      const patienceMs = connection.tracker === url ? repeatedOfferMs : glareMs;
      if (connection.state === 'open' ? !isStuck(connection, now) : !connection.initiator && !this.#giveUpFor(connection, now, patienceMs))
        return;
    }
    const connection = this.#context.pool.answer(this, sdp);
    if (connection === null) return;
    connection.peerId = peerId;
    connection.offerId = offerId;
    connection.tracker = url;
    this.#connections.set(connection.id, connection);
  }

  #answered(peerId: PeerId, offerId: string, sdp: string): void {
    const connection = [...this.#connections.values()].find((candidate) => candidate.state === 'offered' && candidate.offerId === offerId);
    if (connection === undefined) return;
    const now = this.#context.now();
    if (!this.#welcome(now, peerId) || this.#connectionsWith(peerId).some((other) => this.#outdoes(other, now))) {
      this.#drop(connection);
      return;
    }
    connection.peerId = peerId;
    this.#context.pool.accept(connection, sdp);
  }

  #welcome(now: Milliseconds, peerId: PeerId): boolean {
    const { peerId: ours, banned } = this.#context;
    return peerId !== ours && !banned.has(peerId) && this.#history.welcome(now, peerId, this.#complete);
  }

  #sendAnswer(connection: Connection): void {
    const { infoHash } = this.#options;
    const { peerId } = this.#context;
    const text = writeAnswer({ infoHash, peerId, toPeerId: connection.peerId!, offerId: connection.offerId, sdp: connection.sdp });
    if (!this.#context.trackers.send(connection.tracker, text)) this.#drop(connection);
  }

  /** A link to the same peer makes an answer to another offer of ours needless: one just opened, or one just being opened by us. */
  #outdoes(other: Connection, now: Milliseconds): boolean {
    if (other.state === 'open') return now - other.since < glareMs;
    return other.initiator && !this.#giveUpFor(other, now);
  }

  /** The peer tries again because the first attempt leads nowhere: true where it was given up for the new one. */
  #giveUpFor(connection: Connection, now: Milliseconds, patienceMs = glareMs): boolean {
    if (now - connection.since < patienceMs) return false;
    this.#drop(connection);
    return true;
  }

  #connectionsWith(peerId: PeerId | null): readonly Connection[] {
    return [...this.#connections.values()].filter((connection) => connection.peerId !== null && connection.peerId === peerId);
  }

  #count(state: Connection['state']): number {
    let count = 0;
    for (const connection of this.#connections.values()) if (connection.state === state) count++;
    return count;
  }

  #forget({ id }: Connection): void {
    this.#connections.delete(id);
    this.#links.get(id)?.close();
    this.#links.delete(id);
  }

  #drop(connection: Connection): void {
    this.#forget(connection);
    this.#context.pool.close(connection);
  }
}
