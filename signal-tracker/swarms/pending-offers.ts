import type { Milliseconds } from '../../shared/ids.ts';

/** More than the 50 offers that a peer can receive between two of its announces. Scanning them takes a microsecond, and answers are rare. */
const maxPendingOffers = 64;

interface PendingOffer {
  fromPeerId: string;
  offerId: string;
  until: Milliseconds;
}

/**
 * The offers relayed to one peer that it may still answer: a ring whose entries are reused, because under full load each is written often and read
 * once. It grows only while its oldest offer may still be answered, so it holds what two minutes bring and rarely the maximum.
 */
export class PendingOffers {
  readonly #offers: PendingOffer[] = [];
  /** Index of the oldest. */
  #next = 0;

  get size(): number {
    return this.#offers.length;
  }

  /** Overwrites the oldest if that cannot be answered any more, or if there are 64 newer ones. */
  add(fromPeerId: string, offerId: string, now: Milliseconds, until: Milliseconds): void {
    const oldest = this.#offers[this.#next];
    if (oldest === undefined || (oldest.until >= now && this.#offers.length < maxPendingOffers)) {
      this.#offers.splice(this.#next, 0, { fromPeerId, offerId, until });
    } else {
      oldest.fromPeerId = fromPeerId;
      oldest.offerId = offerId;
      oldest.until = until;
    }
    this.#next = (this.#next + 1) % this.#offers.length;
  }

  /** Whether an answer to this offer may be relayed now. Each offer is answered once, even if it was relayed twice. */
  take(fromPeerId: string, offerId: string, now: Milliseconds): boolean {
    let found = false;
    for (const offer of this.#offers) {
      if (offer.offerId !== offerId || offer.fromPeerId !== fromPeerId) continue;
      found ||= offer.until >= now;
      offer.until = -Infinity;
    }
    return found;
  }
}
