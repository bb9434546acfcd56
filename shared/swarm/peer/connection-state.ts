import type { Milliseconds } from '../../ids.ts';

/** Offers of further connections that a peer may make at once, and how long until it may make one more: twice what a link can have. */
const offersAtOnce = 32;
const offerEveryMs: Milliseconds = 2000;

/** Losses of the same moment have one cause. */
const oneCauseMs: Milliseconds = 5000;

/** The parallel connections of one link: how many there are, and how many each side wants. Always with the link's own, so at least one. */
export class ConnectionState {
  /** Open now. */
  open = 1;
  /** That we want the peer to use, and since when: before we have said so it uses all. */
  wanted = 1;
  wantedSince: Milliseconds = Number.POSITIVE_INFINITY;
  /** When we wanted more than the link's own before the metadata was known; infinitely long ago where that was not so. */
  wantedEarlyAt: Milliseconds = Number.NEGATIVE_INFINITY;
  /** That the peer wants us to use. */
  asked = 1;
  /** That the host was told to have, and when. */
  ordered = 1;
  orderedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  /** Since when fewer would do. */
  surplusSince: Milliseconds | null = null;
  #losses = 0;
  #lostAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #offers = offersAtOnce;
  #offersAt: Milliseconds = 0;

  /** There is none but the link's own, and none is wanted or on its way. */
  get isAlone(): boolean {
    return this.open === 1 && this.wanted === 1 && this.ordered === 1;
  }

  /** Times that connections were lost while they carried something. */
  get losses(): number {
    return this.#losses;
  }

  lost(now: Milliseconds): void {
    if (now - this.#lostAt > oneCauseMs) this.#losses++;
    this.#lostAt = now;
  }

  /** False where the peer has made too many offers. */
  takeOffer(now: Milliseconds): boolean {
    this.#offers = Math.min(offersAtOnce, this.#offers + (now - this.#offersAt) / offerEveryMs);
    this.#offersAt = now;
    if (this.#offers < 1) return false;
    this.#offers--;
    return true;
  }
}
