import type { LinkId } from '../../../ids.ts';
import type { Rate } from '../../lib/rate.ts';
import type { Context, Peer } from '../../peer/peer.ts';
import type { SeedPolicy } from '../seeding/seed-policy.ts';
import { FirstCopies } from './first-copies.ts';
import { TurnOrder } from './turn-order.ts';

/** Which of the peers whose requests wait have to wait for others. */
export class UploadOrder {
  readonly #firstCopies: FirstCopies<Peer>;
  readonly #turns: TurnOrder<Peer>;

  /** `rate`: of all that left the host's queues. */
  constructor(context: Context, rate: Rate) {
    this.#firstCopies = new FirstCopies(context);
    this.#turns = new TurnOrder(context, rate);
  }

  /** How many turns are served at once. Infinite: all. */
  get turnsAtOnce(): number {
    return this.#turns.turnsAtOnce;
  }

  /** Whether the peer's next request has to wait. The peer comes back from {@link drained} or {@link tick}. */
  holds(peer: Peer, seed: SeedPolicy): boolean {
    return this.#turns.holds(peer) || this.#firstCopies.holds(peer, seed);
  }

  /** Blocks of this peer have left the host's queue: whose requests are to be handed out now, in this order. */
  drained(peer: Peer): readonly Peer[] {
    return [...this.#turns.drained(peer), ...this.#firstCopies.takeHeld()];
  }

  /** Once a second: those that were held back. */
  tick(): readonly Peer[] {
    return [...this.#turns.tick(), ...this.#firstCopies.takeHeld()];
  }

  closed(link: LinkId): void {
    this.#firstCopies.closed(link);
    this.#turns.closed(link);
  }
}
