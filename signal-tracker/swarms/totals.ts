/** Totals over all swarms of one tracker, for its operator. */
export interface StoreTotals {
  /** Connections in at least one swarm. */
  readonly people: number;
  readonly swarms: number;
  /** Swarms with at least one seed. */
  readonly completeSwarms: number;
  readonly peers: number;
  readonly seeds: number;
}

/** Updated as seeds come and go: counting on demand would be a pass over half a million swarms. */
export class Totals {
  seeds = 0;
  completeSwarms = 0;

  /** A swarm has one more seed, now `seeds` of them. */
  seedAdded(seeds: number): void {
    this.seeds += 1;
    if (seeds === 1) this.completeSwarms += 1;
  }

  /** A swarm has one seed less, now `seeds` of them. */
  seedRemoved(seeds: number): void {
    this.seeds -= 1;
    if (seeds === 0) this.completeSwarms -= 1;
  }
}
