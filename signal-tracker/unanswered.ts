import type { Milliseconds } from '../shared/ids.ts';

/** More than the 50 offers a peer can be given between two announces of its own. A scan of all of them takes a microsecond, and answers are rare. */
const maxUnanswered = 64;

interface Relayed {
  fromPeerId: string;
  offerId: string;
  until: Milliseconds;
}

/** The offers last relayed to one peer and not answered yet, in a ring whose places are used again: at full load each is written often, read once. */
export class Unanswered {
  readonly #offers: Relayed[] = [];
  #next = 0;

  /** Takes the place of the oldest where 64 came after it. */
  add(fromPeerId: string, offerId: string, until: Milliseconds): void {
    const place = this.#offers[this.#next];
    if (place === undefined) {
      this.#offers.push({ fromPeerId, offerId, until });
    } else {
      place.fromPeerId = fromPeerId;
      place.offerId = offerId;
      place.until = until;
    }
    this.#next = (this.#next + 1) % maxUnanswered;
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
