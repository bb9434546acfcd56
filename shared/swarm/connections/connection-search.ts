import type { Milliseconds } from '../../ids.ts';
import { defaultConfig } from '../config.ts';

/** What the search goes by at a moment. */
export interface Situation {
  readonly now: Milliseconds;
  /** Payload received so far over all links together. */
  readonly receivedBytes: number;
  /** Links over which something is received or will be. */
  readonly links: number;
  /** The fewest connections that one of them has open; one that has all it may have counts as {@link most}. */
  readonly open: number;
  /** The longest of their round trips; 0 before the first block. */
  readonly roundTripMs: Milliseconds;
  /** The longest of their round trips without anything queued; 0 where it is not known for sure. */
  readonly pathMs: Milliseconds;
  /** Connections that a link may have. */
  readonly most: number;
  /** What is left to receive. */
  readonly leftBytes: number;
}

/** A number of connections is being looked at: are they open, are they up to speed, what do they bring? */
interface Trial {
  readonly from: number;
  /** Bytes a second before it; `null` for the first number, which is compared with none. */
  readonly baseline: number | null;
  /** More were tried in vain, and are given back. */
  readonly isReturn: boolean;
  phase: 'opening' | 'settling' | 'measuring';
  since: Milliseconds;
  sinceBytes: number;
}

/** A start that loses nowhere: two cores need four on loopback, and on every path that was measured four carry more than one. */
export const firstCount = 4;

/**
 * A far path gets as many as possible: one carries 0.5 MB/s at 100 ms where a packet in a thousand is lost, and a search that begins with
 * four takes four seconds. Whether fewer are enough is looked at afterwards.
 */
const { nearMs, farMs } = defaultConfig;

/**
 * Until then a far path has its connections, their slow start, and something to compare fewer with. To look costs a transfer that needs them all
 * some seconds at half its rate.
 */
const firstLookMs: Milliseconds = 16_000;

/** From four the search tries sixteen at once: on a path of 100 ms every step takes two seconds. */
const leap = 4;

/** For less than this no further connection is opened: with a slow start of its own it would come too late. */
const worthwhileBytes = 2 * 1024 * 1024;

/** … and nothing is tried in the last seconds of a transfer. */
const lastSeconds = 5;

/** Above this rate a connection is limited by the processor as on a near path, and more of them only cost. */
const fastBytesPerSecond = 3_000_000;

/** So much must twice as many connections bring. What a doubling from four on takes from a rival's TCP stream is less: at most a fifth more. */
const clearGain = 1.33;

/** Four and fewer cost next to nothing, so half of them is enough only where nothing is lost. */
const lossless = 1.05;

/** A gain of this is beyond doubt: it is not looked at again soon. */
const doubtless = 1.5;

/** A loss beyond doubt ends a measurement early, … */
const shortestMs: Milliseconds = 500;

/** … and the wait for it, once what connections that are not used any more had queued has come. */
const drainingMs: Milliseconds = 1000;

/** Opening takes ten round trips and two STUN servers. What is not open by then will not be. */
const openingMs: Milliseconds = 3000;
const openingRoundTrips = 20;

/** What was given back is in use again, and nothing of the trial is in the rate any more. */
const recoveryMs: Milliseconds = 4000;

const soonMs: Milliseconds = 5000;
const lookAgainMs: Milliseconds = 20_000;
const mostLookAgainMs: Milliseconds = 160_000;

/** A rate this far from the one that was settled for is another path. */
const otherPath = 2;
const otherPathMs: Milliseconds = 3000;

/** The gap between two samples, of which so many are kept. */
const sampleMs: Milliseconds = 200;
const samplesKept = 20;

const within = (least: number, value: number, most: number): number => Math.min(Math.max(value, least), most);

/**
 * How many connections each link has, found by what they bring. It begins with a few, tries more where the path and not the processor is
 * the limit, keeps them where they bring clearly more than before, and gives them back where not. Now and then, and when the rate has
 * changed, it looks again whether fewer are enough or more would bring more. All links together are one measurement: what one link takes
 * from another is no gain.
 */
export class ConnectionSearch {
  #count = 1;
  #prepared = 1;
  #trial: Trial | null = null;
  #hasBegun = false;
  #links = 0;
  #settledRate = 0;
  /** Before the first further connection was open; `null` where that was too short a time to know. */
  #firstRate: number | null = null;
  #otherPathSince: Milliseconds | null = null;
  #lookAt: Milliseconds = 0;
  #lookAgainMs = lookAgainMs;
  /** Whether the next look is for fewer or for more. */
  #looksDown = true;
  readonly #samples: { at: Milliseconds; bytes: number }[] = [];

  /** Connections that each receiving link should have and its peer should use. */
  get count(): number {
    return this.#count;
  }

  /**
   * Connections that each link should have open. More than {@link count} while the first ones are looked at, where more will be tried next: to open
   * them takes seven trips, in which the path is not filled.
   */
  get open(): number {
    return Math.max(this.#count, this.#prepared);
  }

  advance(situation: Situation): void {
    this.#sample(situation);
    this.#prepared = 1;
    if (situation.links === 0) return this.#end();
    if (!this.#hasBegun) return this.#begin(situation);
    if (situation.links !== this.#links) this.#disturbed(situation);
    if (this.#count > situation.most) this.#settle(situation, situation.most, soonMs);
    if (this.#trial !== null) this.#try(situation, this.#trial);
    else this.#look(situation);
  }

  /** Nothing is received any more. */
  #end(): void {
    this.#count = 1;
    this.#trial = null;
    this.#hasBegun = false;
  }

  #begin(situation: Situation): void {
    if (situation.leftBytes < worthwhileBytes) return;
    this.#hasBegun = true;
    this.#links = situation.links;
    this.#lookAgainMs = lookAgainMs;
    this.#start(situation, firstOf(situation), null);
  }

  #start({ now, receivedBytes }: Situation, count: number, baseline: number | null, isReturn = false): void {
    this.#trial = { from: this.#count, baseline, isReturn, phase: 'opening', since: now, sinceBytes: receivedBytes };
    this.#count = count;
  }

  /** A link came or went: what is being measured has no comparison. The first connections are shared anew, as the links of a crowd come one by one. */
  #disturbed(situation: Situation): void {
    this.#links = situation.links;
    if (this.#trial?.baseline === null) this.#begin(situation);
    else this.#settle(situation, this.#trial?.from ?? this.#count, soonMs);
  }

  #try(situation: Situation, trial: Trial): void {
    if (trial.baseline !== null && !this.#lasts(situation)) return this.#settle(situation, trial.from, this.#lookAgainMs);
    if (trial.baseline === null && this.#count > firstCount && situation.pathMs < farMs) return this.#settle(situation, firstCount, soonMs);
    if (trial.baseline === null && trial.phase === 'opening' && firstOf(situation) > this.#count) this.#begin(situation);
    const isFirst = trial.baseline === null && trial.phase !== 'opening';
    if (isFirst && this.#mayAdd(situation)) this.#prepared = Math.min(leap * this.#count, situation.most);
    const tookMs = situation.now - trial.since;
    if (trial.phase === 'opening') {
      const isHere = situation.open >= this.#count && situation.roundTripMs > 0;
      if (isHere) this.#enter(situation, trial, 'settling');
      else if (tookMs >= Math.max(openingMs, openingRoundTrips * situation.pathMs) && situation.roundTripMs > 0)
        this.#notOpened(situation, trial);
      else if (trial.baseline === null) this.#firstRate = this.#rateOfOne();
    } else if (trial.phase === 'settling') {
      const rate = this.#recentRate(shortestMs);
      if (tookMs >= drainingMs && this.#isPlainLoss(trial, rate)) this.#measuredFewer(situation, trial, rate);
      else if (tookMs >= settlingMs(situation, trial)) this.#enter(situation, trial, 'measuring');
    } else this.#measure(situation, trial, tookMs);
  }

  #measure(situation: Situation, trial: Trial, tookMs: Milliseconds): void {
    const rate = ((situation.receivedBytes - trial.sinceBytes) * 1000) / tookMs;
    const isEnough = tookMs >= measuringMs(situation, trial);
    if (trial.baseline === null) {
      if (isEnough) this.#measuredFirst(situation, rate);
    } else if (this.#count > trial.from) {
      if (isEnough) this.#measuredMore(situation, trial.from, trial.baseline, rate);
    } else if (isEnough || (tookMs >= shortestMs && this.#isPlainLoss(trial, rate))) this.#measuredFewer(situation, trial, rate);
  }

  #isPlainLoss({ baseline, from }: Trial, rate: number): boolean {
    return baseline !== null && this.#count < from && baseline >= rate * doubtless ** Math.log2(from / this.#count);
  }

  #enter({ now, receivedBytes }: Situation, trial: Trial, phase: Trial['phase']): void {
    trial.phase = phase;
    trial.since = now;
    trial.sinceBytes = receivedBytes;
  }

  #notOpened(situation: Situation, trial: Trial): void {
    if (trial.baseline !== null) return this.#wasInVain(situation, trial.from);
    this.#count = Math.min(this.#count, Math.max(firstCount, situation.open));
    this.#enter(situation, trial, 'settling');
  }

  #measuredFirst(situation: Situation, rate: number): void {
    const gain = this.#firstRate === null ? Number.POSITIVE_INFINITY : rate / this.#firstRate;
    if (gain >= clearGain ** 2 && this.#mayAdd(situation))
      return this.#start(situation, Math.min(this.#count * leap, situation.most), rate);
    const wasFar = this.#count > firstCount;
    this.#looksDown = wasFar;
    this.#settle(situation, this.#count, wasFar ? firstLookMs : soonMs);
  }

  #measuredMore(situation: Situation, from: number, baseline: number, rate: number): void {
    const doublings = Math.log2(this.#count / from);
    const gain = rate / baseline;
    this.#looksDown = true;
    if (gain >= clearGain ** doublings && this.#mayAdd(situation)) this.#start(situation, Math.min(2 * this.#count, situation.most), rate);
    else if (gain >= doubtless ** doublings) this.#settle(situation, this.#count, lookAgainMs);
    else if (gain >= clearGain ** doublings) this.#settle(situation, this.#count, soonMs);
    else if (gain >= clearGain && this.#count > 2 * from) this.#settle(situation, 2 * from, soonMs);
    else this.#start(situation, from, rate, true);
  }

  /**
   * Gives back what brought nothing, or takes it again. Also where more seemed to be in vain: what they were compared with may have been
   * a lucky slow start (100 ms, 0.1 %: four carried 5 MB/s for three seconds, then 1.1).
   */
  #measuredFewer(situation: Situation, { from, baseline, isReturn }: Trial, rate: number): void {
    const loss = (baseline ?? 0) / rate;
    const doublings = Math.log2(from / this.#count);
    const isEnough = loss < (from > firstCount ? clearGain ** doublings : lossless);
    if (isEnough && isReturn) return this.#wasInVain(situation, this.#count);
    if (isEnough) return this.#settle(situation, this.#count, 0);
    this.#looksDown = false;
    this.#settle(situation, from, recoveryMs);
  }

  /** As it was, and for longer than the last time. */
  #wasInVain(situation: Situation, count: number): void {
    this.#settle(situation, count, this.#lookAgainMs);
    this.#lookAgainMs = Math.min(2 * this.#lookAgainMs, mostLookAgainMs);
    this.#looksDown = true;
  }

  #settle({ now }: Situation, count: number, lookAfterMs: Milliseconds): void {
    this.#count = count;
    this.#trial = null;
    this.#settledRate = 0;
    this.#otherPathSince = null;
    this.#lookAt = now + lookAfterMs;
  }

  #look(situation: Situation): void {
    const rate = this.#recentRate(2000);
    if (!this.#lasts(situation)) return;
    this.#noticeOtherPath(situation.now, rate);
    if (situation.now < this.#lookAt) return;
    if (this.#looksDown && this.#count > 1) this.#start(situation, Math.floor(this.#count / 2), rate);
    else if (this.#mayAdd(situation)) this.#start(situation, Math.min(2 * this.#count, situation.most), rate);
    else this.#wasInVain(situation, this.#count);
  }

  /** The first rate after settling is what later ones are compared with. */
  #noticeOtherPath(now: Milliseconds, rate: number): void {
    if (this.#settledRate === 0) {
      if (this.#recentSpanMs() >= otherPathMs) this.#settledRate = rate;
      return;
    }
    const isOther = rate > otherPath * this.#settledRate || rate * otherPath < this.#settledRate;
    if (!isOther) this.#otherPathSince = null;
    else if (this.#otherPathSince === null) this.#otherPathSince = now;
    else if (now - this.#otherPathSince >= otherPathMs) {
      this.#lookAgainMs = lookAgainMs;
      this.#looksDown = false;
      this.#lookAt = Math.min(this.#lookAt, now);
      this.#settledRate = rate;
    }
  }

  #mayAdd(situation: Situation): boolean {
    const isFast = this.#recentRate(1000) >= fastBytesPerSecond * situation.links * this.#count;
    return this.#count < situation.most && (situation.pathMs || situation.roundTripMs) >= nearMs && !isFast && this.#lasts(situation);
  }

  #lasts({ leftBytes }: Situation): boolean {
    const rate = this.#recentRate(1000);
    return rate > 0 && leftBytes >= worthwhileBytes && leftBytes / rate >= lastSeconds;
  }

  #sample({ now, receivedBytes }: Situation): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && now - last.at < sampleMs) return;
    this.#samples.push({ at: now, bytes: receivedBytes });
    if (this.#samples.length > samplesKept) this.#samples.shift();
  }

  /** Bytes a second over about the last so many milliseconds. */
  #recentRate(overMs: Milliseconds): number {
    const last = this.#samples.at(-1);
    const first = this.#samples.find(({ at }) => last !== undefined && at >= last.at - overMs);
    if (last === undefined || first === undefined || last.at === first.at) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }

  /** `null` where the first connection was not alone for long enough to tell. */
  #rateOfOne(): number | null {
    const began = this.#samples.find(({ bytes }) => bytes > (this.#samples[0]?.bytes ?? 0));
    const last = this.#samples.at(-1);
    if (began === undefined || last === undefined || last.at - began.at < shortestMs) return null;
    return this.#recentRate(shortestMs);
  }

  #recentSpanMs(): Milliseconds {
    return (this.#samples.at(-1)?.at ?? 0) - (this.#samples[0]?.at ?? 0);
  }
}

/** With how many connections each link begins. */
function firstOf({ pathMs, most, links }: Situation): number {
  const count = pathMs >= farMs ? most : firstCount;
  return Math.min(Math.max(1, Math.floor(count / links)), most);
}

/** Slow start takes a few round trips. */
function settlingMs({ roundTripMs }: Situation, { baseline }: Trial): Milliseconds {
  return baseline === null ? within(300, 5 * roundTripMs, 1000) : within(drainingMs, 8 * roundTripMs, 2000);
}

/** The first measurement may be rough: it only leads to one more. */
function measuringMs({ roundTripMs }: Situation, { baseline }: Trial): Milliseconds {
  return baseline === null ? within(500, 6 * roundTripMs, 1000) : within(1500, 12 * roundTripMs, 3000);
}
