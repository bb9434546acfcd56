import type { Milliseconds } from '../ids.ts';
import type { Random } from '../random.ts';

/** The state of the torrent's connections at each call. */
export interface Situation {
  /** Nothing left to download: only leeches are of use. */
  readonly complete: boolean;
  /** How many more connections are welcome, those on their way left out. */
  readonly room: number;
  /** Connections open and being opened. */
  readonly links: number;
  /** Offers made, described and not sent yet. */
  readonly readyOffers: number;
}

/** What a tracker replied to an announce; `null` where it did not say. */
export interface AnnounceReply {
  readonly intervalSeconds: number | null;
  readonly complete: number | null;
  readonly incomplete: number | null;
}

/** bittorrent-tracker's interval, for a tracker that names none. */
const defaultIntervalMs = 120_000;

/** Bounds of an interval, whatever a tracker says: more often is a burden, more seldom leaves new and lonely peers waiting. */
const minIntervalMs = 30_000;
const maxIntervalMs = 30 * 60_000;

/**
 * While the tracker knows more peers than we have connections, offers may have been lost or used up: announce again sooner, twice as
 * long apart each time up to the interval. A seed waits longer, since leeches announce themselves.
 */
const leechEagerMs = 5000;
const seedEagerMs = 15_000;

/** A tracker that refuses is asked again after this, twice as long each time up to the longest interval. */
const refusedMs = 30_000;

/** Every announce but an answer is replied to, usually within a round trip. */
const replyMs = 15_000;

/** Two announces are at least this far apart, however urgent the second: strangers can make it so. */
const minRetryMs = 2000;

/** After a link was lost the socket may be dead, too: a tracker that replied within the first time before is given up after the second. */
const promptMs = 1000;
const suspectReplyMs = 4000;

/** Share of an interval, in percent, by which it is shortened by chance, so that tabs opened together do not stay in step. */
const jitterPercent = 10;

/** One tracker as one torrent uses it: it is disconnected, or connected and either waiting for offers to announce, or idle until `nextAt`. */
export class TrackerSchedule {
  readonly url: string;
  readonly #random: Random;
  state: 'connecting' | 'working' | 'failing' = 'connecting';
  /** Why it is failing. */
  failure = '';
  #connected = false;
  #announced = false;
  #followsUp = false;
  #waitUntil: Milliseconds = Infinity;
  #waitForAllUntil: Milliseconds = Infinity;
  #replyDueAt: Milliseconds = Infinity;
  #sentAt: Milliseconds = 0;
  /** It replied to the last announce within a second, and since then a link was lost. */
  #isPrompt = false;
  #isSuspect = false;
  #notBefore: Milliseconds = 0;
  #retryAt: Milliseconds = Infinity;
  #intervalMs = defaultIntervalMs;
  #refusals = 0;
  /** Announces since peers were last found or lost. */
  #eagerAnnounces = 0;
  #jitter = 0;
  /** What the tracker counted, ourselves included; still shown while disconnected, but then no ground for decisions. */
  #counted = false;
  /** Somebody may have left since it was counted. */
  #isOutdated = false;
  #complete: number | null = null;
  #incomplete: number | null = null;

  constructor(url: string, random: Random) {
    this.url = url;
    this.#random = random;
  }

  /** Announced since it was last connected. */
  get announced(): boolean {
    return this.#announced;
  }

  /** An announce is due and waits for offers. */
  get waiting(): boolean {
    return this.#waitUntil !== Infinity;
  }

  /** For the first offer, then for more. */
  get waitUntil(): Milliseconds {
    return this.#waitUntil;
  }

  get waitForAllUntil(): Milliseconds {
    return this.#waitForAllUntil;
  }

  /** What it waits for would only add offers to an announce just made. */
  get followsUp(): boolean {
    return this.#followsUp;
  }

  get replyDueAt(): Milliseconds {
    return this.#replyDueAt;
  }

  connected(now: Milliseconds): void {
    this.#connected = true;
    this.#notBefore = now;
  }

  /** `reason` is empty where nothing is known to be wrong. */
  disconnected(reason: string): void {
    this.#connected = false;
    this.#announced = false;
    this.#counted = false;
    this.#isOutdated = true;
    this.#eagerAnnounces = 0;
    this.#isSuspect = false;
    this.#retryAt = Infinity;
    this.#replyDueAt = Infinity;
    this.stopWaiting();
    this.state = reason === '' ? 'connecting' : 'failing';
    this.failure = reason;
  }

  /** An announce is due: it waits for offers `until` at most, and for more than one until `forAllUntil`. */
  wait(until: Milliseconds, forAllUntil = until): void {
    if (!this.#connected) return;
    this.#waitUntil = until;
    this.#waitForAllUntil = forAllUntil;
  }

  followUp(until: Milliseconds): void {
    this.#followsUp = true;
    this.wait(until);
  }

  stopWaiting(): void {
    this.#waitUntil = Infinity;
    this.#followsUp = false;
  }

  sent(now: Milliseconds): void {
    this.#announced = true;
    this.#sentAt = now;
    this.#retryAt = Infinity;
    this.#eagerAnnounces++;
    this.#jitter = this.#random.below(jitterPercent + 1) / 100;
    this.#replyDueAt = Math.min(this.#replyDueAt, now + (this.#isSuspect ? suspectReplyMs : replyMs));
  }

  /** Returns whether it is the first reply since nothing was known. */
  replied(now: Milliseconds, reply: AnnounceReply): boolean {
    const first = this.state !== 'working';
    this.#isPrompt = now - this.#sentAt <= promptMs;
    this.#isSuspect = false;
    this.#replyDueAt = Infinity;
    this.#refusals = 0;
    this.state = 'working';
    this.failure = '';
    this.#counted = true;
    this.#isOutdated = false;
    if (reply.intervalSeconds !== null) {
      this.#intervalMs = Math.min(Math.max(reply.intervalSeconds * 1000, minIntervalMs), maxIntervalMs);
    }
    this.#complete = reply.complete ?? this.#complete;
    this.#incomplete = reply.incomplete ?? this.#incomplete;
    return first;
  }

  refused(reason: string): void {
    this.#replyDueAt = Infinity;
    this.#refusals++;
    this.state = 'failing';
    this.failure = reason;
  }

  /** Announce eagerly again, not before `notBefore`. */
  hurry(notBefore: Milliseconds): void {
    this.#eagerAnnounces = 0;
    this.#notBefore = notBefore;
  }

  /** As {@link hurry}, and without the pause between two announces. */
  retry(at: Milliseconds): void {
    this.hurry(at);
    this.#retryAt = Math.min(this.#retryAt, at);
  }

  /** A link was lost, and perhaps the network with it. */
  suspect(): void {
    this.#isSuspect = this.#isPrompt;
    this.#isOutdated = true;
  }

  replyOverdue(now: Milliseconds): boolean {
    return this.#replyDueAt <= now;
  }

  nextAt(situation: Situation): Milliseconds {
    if (!this.#connected) return Infinity;
    if (!this.#announced) return this.#notBefore;
    const nextAt = Math.max(this.#notBefore, this.#sentAt + this.#pauseMs(situation) * (1 - this.#jitter));
    return this.#refusals > 0 ? nextAt : Math.min(nextAt, Math.max(this.#retryAt, this.#sentAt + minRetryMs));
  }

  /** Other peers this tracker counts, `null` before it replied. To a seed the others say that it may leave: no old count says so. */
  others(complete: boolean): { readonly seeds: number; readonly leeches: number } | null {
    if (this.#complete === null || this.#incomplete === null) return null;
    return {
      seeds: complete && this.#isOutdated ? 0 : Math.max(0, this.#complete - (complete ? 1 : 0)),
      leeches: Math.max(0, this.#incomplete - (complete ? 0 : 1)),
    };
  }

  /**
   * How many of at most `atMost` offers could find somebody here. Before the first reply a leech expects somebody, a seed nobody. With a
   * link to as many peers as the tracker counts no offer is needed, unless links were just lost: then the counted peers may be others.
   */
  offersOfUse(atMost: number, { complete, links }: Situation): number {
    const useful = this.#usefulPeers(complete) ?? (complete ? 0 : atMost);
    return this.#followsUp || this.#eagerAnnounces === 0 || useful > links ? Math.min(atMost, useful) : 0;
  }

  #usefulPeers(complete: boolean): number | null {
    const others = this.#counted ? this.others(complete) : null;
    if (others === null) return null;
    return complete ? others.leeches : others.leeches + others.seeds;
  }

  #pauseMs(situation: Situation): number {
    if (this.#refusals > 0) return Math.min(refusedMs * 2 ** (this.#refusals - 1), maxIntervalMs);
    // The count may be older than the peers that were just lost.
    const hasLost = this.#eagerAnnounces === 0;
    const more = situation.room > 0 && (hasLost || (this.#usefulPeers(situation.complete) ?? 0) > situation.links);
    if (!more) return this.#intervalMs;
    const eagerMs = (situation.complete ? seedEagerMs : leechEagerMs) * 2 ** Math.max(0, this.#eagerAnnounces - 1);
    return Math.min(eagerMs, this.#intervalMs);
  }
}
