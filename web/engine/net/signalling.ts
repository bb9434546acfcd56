import { present } from '../../../shared/assert.ts';
import type { Introduction, Milliseconds, PeerId } from '../../../shared/ids.ts';
import { maxTrackers } from '../../../shared/limits.ts';
import { shownText } from '../../../shared/shown-text.ts';
import { Announcer, type Wish } from '../../../shared/tracker/announcer.ts';
import { writeAnnounce, writeAnswer } from '../../../shared/tracker/client-messages.ts';
import type { TrackerMessage } from '../../../shared/tracker/server-messages.ts';
import type { Situation } from '../../../shared/tracker/schedule.ts';
import type { JoinOptions, TrackerStatus } from '../interfaces.ts';
import type { Connection } from './connection.ts';
import { certificateIn, glareMs, isStuck, type Leading, repeatedOfferMs } from './glare.ts';
import type { PeerTable } from './peer-table.ts';
import type { SwarmContext } from './swarm-context.ts';
import { isTrackerUrl, type TrackerListener } from './tracker-client.ts';

/** We look for this many links; more may come to us. BitTorrent clients see no gain above it (libtorrent's tuning notes). */
const wantedLinks = 30;

/** As WebTorrent's limit for one torrent. */
const maxLinks = 55;

/** The most offers of others we ask for in one announce. */
const maxNumwant = 50;

/** Who an offer or answer is said to come from, and which certificate it names. */
type Introduced = Introduction & Leading;

/** One torrent at its trackers: announces it, and turns offers and answers into connections of its peer table. */
export class Signalling implements TrackerListener {
  readonly #options: JoinOptions;
  readonly #context: SwarmContext;
  readonly #peers: PeerTable;
  readonly #announcer: Announcer;
  #complete: boolean;

  constructor(options: JoinOptions, context: SwarmContext, peers: PeerTable) {
    this.#options = options;
    this.#context = context;
    this.#peers = peers;
    this.#complete = options.complete;
    this.#announcer = new Announcer(context.random);
    this.addTrackers(options.trackers);
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

  stop(): void {
    const urls = this.trackers.map(({ url }) => url);
    const wishes: Wish[] = [];
    this.#announcer.stop(wishes);
    for (const wish of wishes) this.#perform(wish);
    for (const url of urls) this.#context.trackers.leave(url, this.#options.infoHash);
  }

  /** The network changed: candidates in older offers may not work any more. */
  online(): void {
    for (const connection of this.#peers.all) {
      const { initiator, state } = connection;
      if (initiator && (state === 'gathering' || state === 'ready' || state === 'offered')) this.#peers.drop(connection);
    }
    this.#peers.history.forgive();
    this.#announcer.online(this.#context.now());
    this.#context.touched();
  }

  /** An open link was lost: the next announce comes sooner. */
  linkLost(): void {
    this.#announcer.linkLost(this.#context.now());
  }

  /** A peer that was introduced is to be introduced once more. */
  retrySoon(): void {
    this.#announcer.retrySoon(this.#context.now(), this.#complete);
    this.#context.touched();
  }

  advance(now: Milliseconds): void {
    const wishes: Wish[] = [];
    this.#announcer.advance(now, this.#situation(), wishes);
    for (const wish of wishes) this.#perform(wish);
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
    else if (message.kind === 'answer') this.#answered(url, message.peerId, message.offerId, message.sdp);
    this.#context.touched();
  }

  /** Our answer to another's offer has been made. */
  sendAnswer(connection: Connection): void {
    const { infoHash } = this.#options;
    const { peerId } = this.#context;
    const text = writeAnswer({
      infoHash,
      peerId,
      toPeerId: present(connection.peerId, 'an answer is for somebody'),
      offerId: connection.offerId,
      sdp: connection.sdp,
    });
    if (!this.#context.trackers.send(connection.tracker, text)) this.#peers.drop(connection);
  }

  #situation(): Situation {
    const links = this.#peers.links;
    const offered = this.#peers.count('offered');
    return {
      complete: this.#complete,
      links,
      room: Math.max(0, Math.min(wantedLinks - links - offered, this.#context.pool.room)),
      readyOffers: this.#peers.count('ready'),
    };
  }

  #perform(wish: Wish): void {
    if (wish.kind === 'prepare') this.#prepare(wish.offers);
    else if (wish.kind === 'reconnect') this.#context.trackers.reset(wish.url);
    else this.#announce(wish);
  }

  #prepare(offers: number): void {
    for (let unsent = this.#peers.count('ready') + this.#peers.count('gathering'); unsent < offers; unsent++) {
      const connection = this.#peers.offer();
      if (connection === null) return;
      // Reused: nothing will say that it is described.
      if (connection.state === 'ready') this.#context.touched();
    }
  }

  #announce(wish: Extract<Wish, { kind: 'announce' }>): void {
    const { infoHash, transferred } = this.#options;
    const { uploadedBytes, downloadedBytes, leftBytes } = transferred();
    const offers = this.#peers.all.filter(({ state }) => state === 'ready').slice(0, wish.offers);
    for (const connection of offers) this.#context.pool.sent(connection, this.#context.newOfferId(), wish.url);
    const welcome = Math.min(maxNumwant, maxLinks - this.#peers.size, this.#context.pool.room);
    const text = writeAnnounce({
      infoHash,
      peerId: this.#context.peerId,
      numwant: wish.event === 'stopped' ? 0 : Math.max(offers.length, welcome),
      uploaded: uploadedBytes,
      downloaded: downloadedBytes,
      left: this.#complete ? 0 : leftBytes,
      event: wish.event,
      offers,
      unreachable: wish.event === 'stopped' ? [] : this.#peers.history.takeReports(wish.url),
    });
    this.#context.trackers.send(wish.url, text);
  }

  #offered(url: string, peerId: PeerId, offerId: string, sdp: string): void {
    const now = this.#context.now();
    if (!this.#welcome(now, { peerId, tracker: url }) || this.#peers.links >= maxLinks) return;
    const introduction = { peerId, offerId, tracker: url, certificate: certificateIn(sdp) };
    for (const connection of this.#peers.sameAs(peerId, introduction)) {
      const patienceMs = connection.tracker === url ? repeatedOfferMs : glareMs;
      if (connection.state === 'open') {
        if (!isStuck(connection, now)) return;
      } else if (!connection.initiator && this.#comesFirst(connection, introduction, now, patienceMs)) return;
    }
    this.#peers.answer(introduction, sdp);
  }

  #answered(url: string, peerId: PeerId, offerId: string, sdp: string): void {
    const connection = this.#peers.all.find(
      (candidate) => candidate.state === 'offered' && candidate.offerId === offerId && candidate.tracker === url,
    );
    if (connection === undefined) return;
    const now = this.#context.now();
    const introduction = { peerId, tracker: url, certificate: certificateIn(sdp) };
    const others = this.#peers.sameAs(peerId, introduction);
    if (!this.#welcome(now, introduction) || others.some((other) => this.#outdoes(other, introduction, now))) {
      this.#peers.drop(connection);
      return;
    }
    Object.assign(connection, introduction);
    this.#context.pool.accept(connection, sdp);
  }

  #welcome(now: Milliseconds, who: Introduction): boolean {
    const { peerId: ours, banned } = this.#context;
    return who.peerId !== ours && !banned.has(who) && this.#peers.history.welcome(now, who, this.#complete);
  }

  /** Whether a link to the same peer makes this answer unnecessary: one that just opened, or that an offer of ours is opening. */
  #outdoes(other: Connection, introduction: Introduced, now: Milliseconds): boolean {
    if (other.state === 'open') return now - other.since < glareMs;
    return other.initiator && this.#comesFirst(other, introduction, now);
  }

  /**
   * Whether an attempt that is not open yet goes before this introduction to the same peer. It is given up where the peer tries again
   * because it failed, or where we asked for this introduction because it gets nowhere. One by another tracker has proved nothing, and goes first once at most.
   */
  #comesFirst(connection: Connection, introduction: Introduced, now: Milliseconds, patienceMs = glareMs): boolean {
    const isYoung = now - connection.since < patienceMs && connection.addresses !== 'missing';
    if (connection.tracker !== introduction.tracker) return isYoung && this.#peers.history.holdsOff(introduction);
    if (!isYoung) this.#peers.drop(connection);
    return isYoung;
  }
}
