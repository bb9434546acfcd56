import type { Milliseconds } from '../../shared/ids.ts';
import { Activity, type History, type Sample } from './activity.ts';
import type { ServerCounts } from '../sockets/websocket-server.ts';

/** The tracker's statistics. None of them is about one person or one share. */
export interface Stats extends ServerCounts {
  readonly uptimeSeconds: number;
  readonly announcesPerMinute: number;
  readonly offersPerMinute: number;
  readonly residentBytes: number;
}

/** The current counts, and those of the last day. */
export class StatsCollector {
  readonly #counts: () => ServerCounts;
  readonly #now: () => Milliseconds;
  readonly #startedAt: Milliseconds;
  readonly #activity: Activity;

  constructor(counts: () => ServerCounts, now: () => Milliseconds) {
    this.#counts = counts;
    this.#now = now;
    this.#startedAt = now();
    this.#activity = new Activity(this.#startedAt, counts());
  }

  /** To be called every `noteMs`; true when they are worth a line in the log. */
  note(): boolean {
    const reading: Sample = this.#counts();
    return this.#activity.note(this.#now(), reading);
  }

  stats(): Stats {
    const counts = this.#counts();
    const { announces, offers } = this.#activity.lastMinute(counts);
    return {
      uptimeSeconds: Math.floor((this.#now() - this.#startedAt) / 1000),
      ...counts,
      announcesPerMinute: announces,
      offersPerMinute: offers,
      residentBytes: process.memoryUsage.rss(),
    };
  }

  lastDay(): History {
    return this.#activity.history();
  }
}
