import { assert } from '../assert.ts';
import type { Milliseconds } from '../ids.ts';
import type { Random } from '../random.ts';
import type { AnnounceEvent } from './client-messages.ts';
import { TrackerSchedule, type AnnounceReply, type Situation } from './schedule.ts';

/**
 * Decides when one torrent announces to which of its trackers, and with how many offers. All trackers of a torrent are used at once,
 * so losing one costs nothing while another works. There is no BEP for WebSocket trackers; intervals are BEP 3's.
 *
 * Offers travel in announces only, and gathering their candidates takes 30 ms to 1 s. So a leech prepares its first offers while it
 * connects to the tracker and waits for them for a moment; late ones follow in a second announce. A seed announces without
 * offers, and makes some when the reply says that somebody is downloading.
 */

export type Wish =
  /** This many unsent offers shall exist or be in the making. */
  | { readonly kind: 'prepare'; readonly offers: number }
  /** Announce now, with `offers` of the ready ones. */
  | { readonly kind: 'announce'; readonly url: string; readonly event: AnnounceEvent | null; readonly offers: number }
  /** The tracker owes a reply for too long: its socket is dead, open a new one. */
  | { readonly kind: 'reconnect'; readonly url: string };

/** Five is what WebTorrent sends and trackers expect. Each is a connection the page must make and hold. */
export const maxOffersAnAnnounce = 5;

/** From opening a link to the first piece should take less than 0.5 s: so the first announce waits this long for one offer, and this long for all. */
const firstOfferMs = 150;
const firstOffersMs = 40;

/** Offers requested together become ready one task after another: the first one waits at least this long for the others. */
const togetherMs = 20;

/** Gathering takes 1 s at most; an offer that is not ready then never will be. */
const offersMs = 1200;

/** When a whole swarm loses its seed in one moment, its leeches do not announce in one moment. */
const lossJitterMs = 2000;

/** The same where a whole swarm cannot reach a peer. A seed leaves it to its leech for so long, which needs it more. */
const retryJitterMs = 500;
const seedRetryMs = 1500;

export class Announcer {
  readonly #random: Random;
  readonly #trackers = new Map<string, TrackerSchedule>();
  #started = false;
  #completedDue = false;
  /** Since when there is a ready offer. */
  #readySince: Milliseconds = Infinity;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The known trackers, in the order they were added. */
  get trackers(): Iterable<TrackerSchedule> {
    return this.#trackers.values();
  }

  /** The most that any tracker counts, ourselves left out; `null` before the first reply. */
  counts(complete: boolean): { readonly seeds: number; readonly leeches: number } | null {
    let seeds = -1;
    let leeches = -1;
    for (const tracker of this.#trackers.values()) {
      const others = tracker.others(complete);
      if (others === null) continue;
      seeds = Math.max(seeds, others.seeds);
      leeches = Math.max(leeches, others.leeches);
    }
    return seeds < 0 ? null : { seeds, leeches };
  }

  /** Returns false where it is known already. */
  addTracker(url: string): boolean {
    if (this.#trackers.has(url)) return false;
    this.#trackers.set(url, new TrackerSchedule(url, this.#random));
    return true;
  }

  connected(now: Milliseconds, url: string): void {
    const tracker = this.#tracker(url);
    tracker.connected(now);
    tracker.wait(now + firstOfferMs, now + firstOffersMs);
  }

  disconnected(url: string, reason: string): void {
    this.#tracker(url).disconnected(reason);
  }

  replied(now: Milliseconds, url: string, reply: AnnounceReply, situation: Situation): void {
    const tracker = this.#tracker(url);
    const first = tracker.replied(now, reply);
    if (first && situation.complete) tracker.followUp(now + offersMs);
  }

  /** The tracker refused an announce, in its own words. */
  refused(url: string, reason: string): void {
    this.#tracker(url).refused(reason);
  }

  /** A connection was lost that we would have kept, or is about to be: look for another soon. */
  linkLost(now: Milliseconds): void {
    for (const tracker of this.#trackers.values()) {
      tracker.suspect();
      tracker.hurry(now + this.#random.below(lossJitterMs));
    }
  }

  /** An attempt that was answered gets nowhere: the peer is to be introduced again. Leeches come first, so that not both sides try. */
  retrySoon(now: Milliseconds, complete: boolean): void {
    const afterMs = (complete ? seedRetryMs : 0) + this.#random.below(retryJitterMs);
    for (const tracker of this.#trackers.values()) tracker.retry(now + afterMs);
  }

  /** The network is back: every earlier offer is worthless. */
  online(now: Milliseconds): void {
    for (const tracker of this.#trackers.values()) {
      tracker.hurry(now);
      if (tracker.announced) tracker.wait(now + offersMs);
    }
  }

  /** The download has become complete while announced. Sent once; a torrent that starts complete never sends it. */
  completed(): void {
    this.#completedDue = true;
  }

  /** Pushes what is due by now. To be called after each of the above, and when {@link wakeAt} has come. */
  advance(now: Milliseconds, situation: Situation, out: Wish[]): void {
    if (!this.#started) this.#prepareFirst(situation, out);
    this.#sayCompleted(now, out);
    this.#readySince = situation.readyOffers === 0 ? Infinity : Math.min(this.#readySince, now);
    let ready = situation.readyOffers;
    let room = situation.room;
    for (const tracker of this.#trackers.values()) {
      if (tracker.replyOverdue(now)) out.push({ kind: 'reconnect', url: tracker.url });
      if (!tracker.waiting && tracker.nextAt(situation) <= now) tracker.wait(now + offersMs);
      if (!tracker.waiting) continue;
      const desired = tracker.offersOfUse(Math.min(room, maxOffersAnAnnounce), situation);
      room -= desired;
      if (ready < desired && this.#waitUntil(tracker, ready) > now) {
        out.push({ kind: 'prepare', offers: situation.room - room });
        ready = 0;
        continue;
      }
      const offers = Math.min(ready, desired);
      ready -= offers;
      this.#announce(now, tracker, offers, desired, out);
    }
  }

  /** When {@link advance} must be called again if nothing happens before. */
  wakeAt(situation: Situation): Milliseconds {
    let at = Infinity;
    for (const tracker of this.#trackers.values()) {
      at = Math.min(at, tracker.replyDueAt, tracker.waiting ? this.#waitUntil(tracker, situation.readyOffers) : tracker.nextAt(situation));
    }
    return at;
  }

  /** The torrent leaves its swarms: pushes the last announces. */
  stop(out: Wish[]): void {
    for (const tracker of this.#trackers.values()) {
      if (tracker.announced) out.push({ kind: 'announce', url: tracker.url, event: 'stopped', offers: 0 });
    }
    this.#trackers.clear();
  }

  #waitUntil(tracker: TrackerSchedule, readyOffers: number): Milliseconds {
    if (readyOffers === 0) return tracker.waitUntil;
    return Math.min(tracker.waitUntil, Math.max(tracker.waitForAllUntil, this.#readySince + togetherMs));
  }

  #prepareFirst(situation: Situation, out: Wish[]): void {
    if (this.#trackers.size === 0) return;
    this.#started = true;
    if (!situation.complete && situation.room > 0) out.push({ kind: 'prepare', offers: Math.min(maxOffersAnAnnounce, situation.room) });
  }

  #sayCompleted(now: Milliseconds, out: Wish[]): void {
    if (!this.#completedDue) return;
    this.#completedDue = false;
    for (const tracker of this.#trackers.values()) {
      if (!tracker.announced) continue;
      tracker.sent(now);
      out.push({ kind: 'announce', url: tracker.url, event: 'completed', offers: 0 });
    }
  }

  #announce(now: Milliseconds, tracker: TrackerSchedule, offers: number, desired: number, out: Wish[]): void {
    const first = !tracker.announced;
    const followUp = tracker.followsUp;
    tracker.stopWaiting();
    if (followUp && offers === 0) return;
    tracker.sent(now);
    out.push({ kind: 'announce', url: tracker.url, event: first ? 'started' : null, offers });
    if (first && offers < desired) tracker.followUp(now + offersMs);
  }

  #tracker(url: string): TrackerSchedule {
    const tracker = this.#trackers.get(url);
    assert(tracker !== undefined, 'the tracker was added');
    return tracker;
  }
}
