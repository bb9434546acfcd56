import type { Milliseconds } from '../../shared/ids.ts';

/** More than the 50 offers a peer can be given between two announces of its own. A scan of all of them takes a microsecond, and answers are rare. */
const maxUnanswered = 64;

interface Relayed {
  fromPeerId: string;
  offerId: string;
  until: Milliseconds;
}

/**
 * The offers last relayed to one peer and not answered yet, in a ring whose places are used again: at full load each is written often, read once.
 * It grows only while its oldest offer may still be answered, so it holds what two minutes bring and not always the most it may.
 */
export class PendingOffers {
  readonly #offers: Relayed[] = [];
  /** The place of the oldest. */
  #next = 0;

  get places(): number {
    return this.#offers.length;
  }

  /** Takes the place of the oldest where that cannot be answered any more, or where 64 came after it. */
  add(fromPeerId: string, offerId: string, now: Milliseconds, until: Milliseconds): void {
    const oldest = this.#offers[this.#next];
    if (oldest === undefined || (oldest.until >= now && this.#offers.length < maxUnanswered)) {
      this.#offers.splice(this.#next, 0, { fromPeerId, offerId, until });
    } else {
      oldest.fromPeerId = fromPeerId;
      oldest.offerId = offerId;
      oldest.until = until;
    }
    this.#next = (this.#next + 1) % this.#offers.length;
  }

  /** Whether an answer to this offer may be passed on now; each offer is answered once, also one that was relayed twice. */
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
