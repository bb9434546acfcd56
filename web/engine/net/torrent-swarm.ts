import type { CloseCode } from '../../../shared/failure.ts';
import type { LinkId, Milliseconds, PeerId } from '../../../shared/ids.ts';
import { maxTrackers } from '../../../shared/limits.ts';
import type { Random } from '../../../shared/random.ts';
import { shownText } from '../../../shared/shown-text.ts';
import { Announcer, type Wish } from '../../../shared/tracker/announcer.ts';
import { writeAnnounce, writeAnswer, type TrackerMessage } from '../../../shared/tracker/messages.ts';
import type { Situation } from '../../../shared/tracker/schedule.ts';
import type { ConnectionSignal } from '../../../shared/wire/extensions/connection-signal.ts';
import type { LinkPath } from '../../bridge/protocol.ts';
import { Acquaintances } from './peer-history.ts';
import type { Dial, Dialler, DialOwner } from './connection-pool.ts';
import type { JoinOptions, Swarm, TrackerStatus } from '../interfaces.ts';
import { anewMs, glareMs, isStuck, rivalry } from './glare.ts';
import type { TrackerClient, TrackerListener } from './tracker-client.ts';
import { WideLink } from '../links/multi-link.ts';

/** What a swarm needs of the page-wide parts. */
export interface SwarmContext {
  readonly peerId: PeerId;
  readonly dialler: Dialler;
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
export class TorrentSwarm implements Swarm, DialOwner, TrackerListener {
  readonly #options: JoinOptions;
  readonly #context: SwarmContext;
  readonly #announcer: Announcer;
  readonly #acquaintances = new Acquaintances();
  readonly #dials = new Map<LinkId, Dial>();
  /** Over the open ones among them. */
  readonly #links = new Map<LinkId, WideLink>();
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
    return this.#dials.get(link)?.path ?? null;
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
    const dial = this.#dials.get(link);
    if (dial === undefined) return;
    if (dial.peerId !== null) this.#acquaintances.closed(this.#context.now(), dial.peerId, code);
    this.#drop(dial);
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
    for (const dial of this.#dialsWith(peerId)) {
      const { state } = dial;
      this.#drop(dial);
      if (state === 'open') this.#options.listener.closed(dial.id);
    }
    this.#context.touched();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const dial of this.#dials.values()) this.#drop(dial);
    const urls = this.trackers.map(({ url }) => url);
    const wishes: Wish[] = [];
    this.#announcer.stop(wishes);
    for (const wish of wishes) this.#perform(wish);
    for (const url of urls) this.#context.trackers.leave(url, this.#options.infoHash);
    this.#context.left(this);
  }

  /** The network changed: offers made before it carry candidates that may not work any more. */
  online(): void {
    for (const dial of this.#dials.values()) {
      if (dial.initiator && (dial.state === 'gathering' || dial.state === 'ready' || dial.state === 'offered')) this.#drop(dial);
    }
    this.#acquaintances.forgive();
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

  described(dial: Dial): void {
    if (!dial.initiator) this.#sendAnswer(dial);
    this.#context.touched();
  }

  opened(dial: Dial): void {
    const { listener } = this.#options;
    const verdict = rivalry(dial, this.#dialsWith(dial.peerId), this.#context.peerId, this.#context.now());
    for (const loser of verdict.close) {
      const wasReported = loser.state === 'open' && loser !== dial;
      this.#drop(loser);
      if (wasReported) listener.closed(loser.id);
    }
    for (const rival of verdict.hasten) this.#context.dialler.hasten(rival, glareMs);
    if (verdict.close.includes(dial)) return;
    this.#acquaintances.met(dial.peerId!);
    const link = new WideLink(dial.link!, this.#context.dialler, listener);
    this.#links.set(dial.id, link);
    listener.opened(link, { initiator: dial.initiator, trackerPeerId: dial.peerId! });
    this.#context.touched();
  }

  bytes(dial: Dial, bytes: Uint8Array): void {
    this.#options.listener.bytes(dial.id, bytes);
  }

  drained(dial: Dial, blockBytes: number): void {
    this.#options.listener.drained(dial.id, blockBytes);
  }

  ended(dial: Dial, wasOpen: boolean): void {
    this.#forget(dial);
    const now = this.#context.now();
    const { peerId } = dial;
    const wasTheOnlyOne = peerId !== null && this.#dialsWith(peerId).length === 0;
    if (wasOpen) {
      this.#options.listener.closed(dial.id);
      this.#announcer.linkLost(now);
      if (wasTheOnlyOne) this.#acquaintances.lost(peerId, dial.tracker, now - dial.since);
    } else if (wasTheOnlyOne) {
      // An answer our own page could not make is no word about the peer.
      const introducedBy = dial.state === 'connecting' ? dial.tracker : null;
      this.#acquaintances.unreachable(now, peerId, introducedBy);
    }
    this.#context.touched();
  }

  taken(dial: Dial): void {
    this.#dials.delete(dial.id);
  }

  #situation(): Situation {
    const links = this.connecting + this.#count('open');
    const offered = this.#count('offered');
    return {
      complete: this.#complete,
      links,
      room: Math.max(0, Math.min(wantedLinks - links - offered, this.#context.dialler.room)),
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
      const dial = this.#context.dialler.offer(this);
      if (dial === null) return;
      this.#dials.set(dial.id, dial);
    }
  }

  #announce(wish: Extract<Wish, { kind: 'announce' }>): void {
    const { infoHash, transferred } = this.#options;
    const { uploadedBytes, downloadedBytes, leftBytes } = transferred();
    const offers = [...this.#dials.values()].filter(({ state }) => state === 'ready').slice(0, wish.offers);
    for (const dial of offers) this.#context.dialler.sent(dial, this.#context.newOfferId(), wish.url);
    const welcome = Math.min(maxNumwant, maxLinks - this.#dials.size, this.#context.dialler.room);
    const text = writeAnnounce({
      infoHash,
      peerId: this.#context.peerId,
      numwant: wish.event === 'stopped' ? 0 : Math.max(offers.length, welcome),
      uploaded: uploadedBytes,
      downloaded: downloadedBytes,
      left: this.#complete ? 0 : leftBytes,
      event: wish.event,
      offers,
      unreachable: wish.event === 'stopped' ? [] : this.#acquaintances.takeReports(wish.url),
    });
    this.#context.trackers.send(wish.url, text);
  }

  #offered(url: string, peerId: PeerId, offerId: string, sdp: string): void {
    const now = this.#context.now();
    if (!this.#welcome(now, peerId)) return;
    if (this.connecting + this.#count('open') >= maxLinks) return;
    for (const dial of this.#dialsWith(peerId)) {
      const patienceMs = dial.tracker === url ? anewMs : glareMs;
      if (dial.state === 'open' ? !isStuck(dial, now) : !dial.initiator && !this.#giveUpFor(dial, now, patienceMs)) return;
    }
    const dial = this.#context.dialler.answer(this, sdp);
    if (dial === null) return;
    dial.peerId = peerId;
    dial.offerId = offerId;
    dial.tracker = url;
    this.#dials.set(dial.id, dial);
  }

  #answered(peerId: PeerId, offerId: string, sdp: string): void {
    const dial = [...this.#dials.values()].find((candidate) => candidate.state === 'offered' && candidate.offerId === offerId);
    if (dial === undefined) return;
    const now = this.#context.now();
    if (!this.#welcome(now, peerId) || this.#dialsWith(peerId).some((other) => this.#outdoes(other, now))) {
      this.#drop(dial);
      return;
    }
    dial.peerId = peerId;
    this.#context.dialler.accept(dial, sdp);
  }

  #welcome(now: Milliseconds, peerId: PeerId): boolean {
    const { peerId: ours, banned } = this.#context;
    return peerId !== ours && !banned.has(peerId) && this.#acquaintances.welcome(now, peerId, this.#complete);
  }

  #sendAnswer(dial: Dial): void {
    const { infoHash } = this.#options;
    const { peerId } = this.#context;
    const text = writeAnswer({ infoHash, peerId, toPeerId: dial.peerId!, offerId: dial.offerId, sdp: dial.sdp });
    if (!this.#context.trackers.send(dial.tracker, text)) this.#drop(dial);
  }

  /** A link to the same peer makes an answer to another offer of ours needless: one just opened, or one just being opened by us. */
  #outdoes(other: Dial, now: Milliseconds): boolean {
    if (other.state === 'open') return now - other.since < glareMs;
    return other.initiator && !this.#giveUpFor(other, now);
  }

  /** The peer tries again because the first attempt leads nowhere: true where it was given up for the new one. */
  #giveUpFor(dial: Dial, now: Milliseconds, patienceMs = glareMs): boolean {
    if (now - dial.since < patienceMs) return false;
    this.#drop(dial);
    return true;
  }

  #dialsWith(peerId: PeerId | null): readonly Dial[] {
    return [...this.#dials.values()].filter((dial) => dial.peerId !== null && dial.peerId === peerId);
  }

  #count(state: Dial['state']): number {
    let count = 0;
    for (const dial of this.#dials.values()) if (dial.state === state) count++;
    return count;
  }

  #forget({ id }: Dial): void {
    this.#dials.delete(id);
    this.#links.get(id)?.close();
    this.#links.delete(id);
  }

  #drop(dial: Dial): void {
    this.#forget(dial);
    this.#context.dialler.close(dial);
  }
}

function isTrackerUrl(text: string): boolean {
  return URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol);
}
