import { itemAt } from '../../shared/assert.ts';
import type { Milliseconds } from '../../shared/ids.ts';

/** Totals since the start; `people` is the current number. */
export interface Sample {
  readonly people: number;
  readonly announces: number;
  readonly offers: number;
}

/** The last day, oldest first. */
export interface History {
  readonly everySeconds: number;
  /** The most at once in each period. */
  readonly people: readonly number[];
  readonly announcesPerMinute: readonly number[];
}

/** How often {@link Activity.note} is to be called. */
export const noteMs: Milliseconds = 5000;

const minuteMs: Milliseconds = 60_000;

/** A day in periods of 5 min: as many points as a small graph has pixels. */
const periodMs: Milliseconds = 300_000;
const periods = 288;

/** The activity of the last minute and the last day. It has no clock: `now` is a monotonic time in milliseconds. */
export class Activity {
  /** The samples of the last minute, oldest first. The first one is the latest that is at least a minute old, if there is one. */
  readonly #recent: { readonly at: Milliseconds; readonly reading: Sample }[];
  readonly #people: number[] = [];
  readonly #announcesPerMinute: number[] = [];
  #periodAt: Milliseconds;
  #announcesBefore: number;
  #mostPeople: number;

  constructor(now: Milliseconds, reading: Sample) {
    this.#recent = [{ at: now, reading }];
    this.#periodAt = now;
    this.#announcesBefore = reading.announces;
    this.#mostPeople = reading.people;
  }

  /** Adds a sample; true if it ended a period. */
  note(now: Milliseconds, reading: Sample): boolean {
    this.#recent.push({ at: now, reading });
    while ((this.#recent[1]?.at ?? now) <= now - minuteMs) this.#recent.shift();
    this.#mostPeople = Math.max(this.#mostPeople, reading.people);
    if (now - this.#periodAt < periodMs) return false;
    this.#endPeriod(now, reading);
    return true;
  }

  /** The events of the last minute (accurate to {@link noteMs}), given the current counts. */
  lastMinute(reading: Sample): { readonly announces: number; readonly offers: number } {
    const { reading: before } = itemAt(this.#recent, 0);
    return { announces: reading.announces - before.announces, offers: reading.offers - before.offers };
  }

  lastDay(): History {
    return { everySeconds: periodMs / 1000, people: [...this.#people], announcesPerMinute: [...this.#announcesPerMinute] };
  }

  #endPeriod(now: Milliseconds, { people, announces }: Sample): void {
    const minutes = (now - this.#periodAt) / minuteMs;
    this.#people.push(this.#mostPeople);
    this.#announcesPerMinute.push(Math.round((announces - this.#announcesBefore) / minutes));
    for (const course of [this.#people, this.#announcesPerMinute]) if (course.length > periods) course.shift();
    this.#periodAt = now;
    this.#announcesBefore = announces;
    this.#mostPeople = people;
  }
}
