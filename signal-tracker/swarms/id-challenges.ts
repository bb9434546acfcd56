import type { Announce } from '../../shared/tracker/client-messages.ts';
import type { ConnectionId } from './delivery.ts';
import type { Peer } from './swarm.ts';

/** Announces that wait until the owner of their peer id was probed. One message holds up to 64 KiB, so 1,000 are at most 64 MB, for 2 s. */
const maxChallenges = 1000;

export interface Challenge {
  readonly from: ConnectionId;
  readonly message: Announce;
}

/** Which connection waits for which peer id: at most one challenger for each owner. */
export class IdChallenges {
  readonly #byOwner = new Map<Peer, Challenge>();

  /** False when there are too many. */
  add(owner: Peer, from: ConnectionId, message: Announce): boolean {
    if (this.#byOwner.size >= maxChallenges) return false;
    this.#byOwner.set(owner, { from, message });
    return true;
  }

  take(owner: Peer): Challenge | null {
    const challenge = this.#byOwner.get(owner);
    if (challenge === undefined) return null;
    this.#byOwner.delete(owner);
    return challenge;
  }

  /** The challenger itself left. */
  withdraw(from: ConnectionId): void {
    for (const [owner, challenge] of this.#byOwner) if (challenge.from === from) this.#byOwner.delete(owner);
  }
}
