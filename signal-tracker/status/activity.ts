import type { Milliseconds } from '../../shared/ids.ts';

/** Totals since the start; `people` is the current number. */
export interface Sample {
  readonly people: number;
  readonly announces: number;
  readonly offers: number;
}

/** The time since the start, at most the last day; oldest first. */
export interface History {
  /** Of one period. It grows with the time, so that there are always enough points for a graph. */
  readonly everySeconds: number;
  /** The most at once in each period. */
  readonly people: readonly number[];
  readonly announcesPerMinute: readonly number[];
}

/** How often {@link Activity.note} is to be called. */
export const noteMs: Milliseconds = 5000;

const minuteMs: Milliseconds = 60_000;

/** A day of periods of 320 s. They begin with 5 s and are joined in pairs when there are too many: a graph of any time has 135 points and more. */
const maxPeriods = 270;
const longestPeriodMs: Milliseconds = 64 * noteMs;

const logEveryMs: Milliseconds = 300_000;

interface Period {
  readonly people: number;
  readonly announces: number;
}

/** The activity of the last minute and the last day. It has no clock: `now` is a monotonic time in milliseconds. */
export class Activity {
  /** The samples of the last minute, oldest first. The first one is the latest that is at least a minute old, if there is one. */
  readonly #recent: { readonly at: Milliseconds; readonly reading: Sample }[];
  #periods: Period[] = [];
  #periodMs: Milliseconds = noteMs;
  #periodAt: Milliseconds;
  #loggedAt: Milliseconds;
  #announcesBefore: number;
  #mostPeople: number;

  constructor(now: Milliseconds, reading: Sample) {
    this.#recent = [{ at: now, reading }];
    this.#periodAt = now;
    this.#loggedAt = now;
    this.#announcesBefore = reading.announces;
    this.#mostPeople = reading.people;
  }

  /** Adds a sample; true every 5 min, when the statistics are worth a line in the log. */
  note(now: Milliseconds, reading: Sample): boolean {
    this.#recent.push({ at: now, reading });
    while ((this.#recent[1]?.at ?? now) <= now - minuteMs) this.#recent.shift();
    this.#mostPeople = Math.max(this.#mostPeople, reading.people);
    // Timers come a little early or late: half a sample decides.
    if (now - this.#periodAt > this.#periodMs - noteMs / 2) this.#endPeriod(now, reading);
    if (now - this.#loggedAt < logEveryMs) return false;
    this.#loggedAt = now;
    return true;
  }

  /** The events of the last minute (accurate to {@link noteMs}), given the current counts. */
  lastMinute(reading: Sample): { readonly announces: number; readonly offers: number } {
    const before = this.#recent[0]?.reading ?? reading;
    return { announces: reading.announces - before.announces, offers: reading.offers - before.offers };
  }

  history(): History {
    const minutes = this.#periodMs / minuteMs;
    return {
      everySeconds: this.#periodMs / 1000,
      people: this.#periods.map(({ people }) => people),
      announcesPerMinute: this.#periods.map(({ announces }) => Math.round(announces / minutes)),
    };
  }

  #endPeriod(now: Milliseconds, { people, announces }: Sample): void {
    this.#periods.push({ people: this.#mostPeople, announces: announces - this.#announcesBefore });
    this.#periodAt = now;
    this.#announcesBefore = announces;
    this.#mostPeople = people;
    if (this.#periods.length <= maxPeriods) return;
    if (this.#periodMs < longestPeriodMs) this.#join();
    else this.#periods.shift();
  }

  /** Two periods become one. The last one, without a partner, is measured on as the first half of the next. */
  #join(): void {
    const joined: Period[] = [];
    for (let at = 0; at + 1 < this.#periods.length; at += 2) {
      const pair = this.#periods.slice(at, at + 2);
      joined.push({
        people: Math.max(...pair.map(({ people }) => people)),
        announces: pair.reduce((sum, { announces }) => sum + announces, 0),
      });
    }
    const rest = this.#periods.length % 2 === 0 ? undefined : this.#periods.at(-1);
    if (rest !== undefined) {
      this.#mostPeople = Math.max(this.#mostPeople, rest.people);
      this.#announcesBefore -= rest.announces;
      this.#periodAt -= this.#periodMs;
    }
    this.#periods = joined;
    this.#periodMs *= 2;
  }
}
