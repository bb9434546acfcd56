/** Sums over all swarms of one tracker, for who runs it. */
export interface StoreTotals {
  /** Connections in at least one swarm. */
  readonly people: number;
  readonly swarms: number;
  /** Those with at least one seed. */
  readonly completeSwarms: number;
  readonly peers: number;
  readonly seeds: number;
}

/** Kept up as seeds come and go: counting when asked would be a pass over half a million swarms. */
export class Totals {
  seeds = 0;
  completeSwarms = 0;

  /** One more seed in a swarm that now has `seeds` of them. */
  seedAdded(seeds: number): void {
    this.seeds += 1;
    if (seeds === 1) this.completeSwarms += 1;
  }

  /** One seed less in a swarm that now has `seeds` of them. */
  seedRemoved(seeds: number): void {
    this.seeds -= 1;
    if (seeds === 0) this.completeSwarms -= 1;
  }
}
