import { shuffle, type Random } from '../../random.ts';

export type GossipMode = 'push' | 'pull' | 'push-pull';

export interface GossipConfig {
  readonly mode: GossipMode;
  /** Without the seed. */
  readonly peers: number;
  readonly chunks: number;
  /** Other peers that the tracker hands out, and that a peer talks to each round. */
  readonly neighbours: number;
  /** Rounds (of a second) between two announces. */
  readonly announceRounds: number;
  /** The run ends here even if peers lack chunks. */
  readonly mostRounds: number;
}

/** The earlier system's own settings: six browsers, nine chunks, three peers from the tracker every three seconds. */
export const earlierGossip: Omit<GossipConfig, 'mode'> = { peers: 5, chunks: 9, neighbours: 3, announceRounds: 3, mostRounds: 1000 };

export interface GossipRun {
  /** Chunks held by all peers together (the seed's not counted) after each round. */
  readonly held: readonly number[];
  /** Rounds until every peer had every chunk; `null`: never within the limit. */
  readonly rounds: number | null;
  /** Chunks that were sent. */
  readonly sent: number;
  /** Chunks that the receiver had already. */
  readonly redundant: number;
  /** Requests of pulls, answered or not. */
  readonly requests: number;
}

/** The chunks of one peer: both what it has and what it lacks can be drawn at random in O(1). */
class Chunks {
  readonly #order: number[];
  readonly #place: number[];
  count: number;

  constructor(total: number, count: number) {
    this.#order = Array.from({ length: total }, (_, i) => i);
    this.#place = this.#order.slice();
    this.count = count;
  }

  get missing(): number {
    return this.#order.length - this.count;
  }

  has(chunk: number): boolean {
    return (this.#place[chunk] ?? Infinity) < this.count;
  }

  /** What it has stands first in the order, what it lacks behind. */
  add(chunk: number): void {
    const from = this.#place[chunk] ?? 0;
    const other = this.#order[this.count] ?? 0;
    this.#order[from] = other;
    this.#place[other] = from;
    this.#order[this.count] = chunk;
    this.#place[chunk] = this.count++;
  }

  anyHeld(random: Random): number {
    return this.#order[random.below(this.count)] ?? 0;
  }

  anyMissing(random: Random): number {
    return this.#order[this.count + random.below(this.missing)] ?? 0;
  }
}

/** Node 0 is the seed. */
class GossipWorld {
  sent = 0;
  redundant = 0;
  requests = 0;
  held = 0;
  readonly #config: GossipConfig;
  readonly #random: Random;
  readonly #chunks: readonly Chunks[];
  readonly #neighbours: Chunks[][] = [];
  /** Nodes act in this order within a round: their timers have started at different times. */
  readonly #order: readonly number[];

  constructor(config: GossipConfig, random: Random) {
    this.#config = config;
    this.#random = random;
    const nodes = Array.from({ length: config.peers + 1 }, (_, i) => i);
    this.#chunks = nodes.map((node) => new Chunks(config.chunks, node === 0 ? config.chunks : 0));
    this.#order = shuffle(nodes, random);
  }

  /** One second: each node announces if it is due, then pushes, pulls or both. */
  round(now: number): void {
    for (const node of this.#order) {
      const own = this.#chunks[node];
      if (own === undefined) continue;
      if ((now + node) % this.#config.announceRounds === 0 || now === 0) this.#neighbours[node] = this.#handedOut(node);
      const neighbours = this.#neighbours[node] ?? [];
      if (this.#config.mode !== 'pull') this.#push(own, neighbours);
      if (this.#config.mode !== 'push') this.#pull(own, neighbours);
    }
  }

  #handedOut(node: number): Chunks[] {
    const { peers, neighbours } = this.#config;
    const found = new Set<number>();
    while (found.size < Math.min(neighbours, peers)) {
      const other = this.#random.below(peers + 1);
      if (other !== node) found.add(other);
    }
    return Array.from(found, (other) => this.#chunks[other]).filter((chunks) => chunks !== undefined);
  }

  #push(own: Chunks, neighbours: readonly Chunks[]): void {
    if (own.count === 0) return;
    for (const other of neighbours) this.#send(own.anyHeld(this.#random), other);
  }

  #pull(own: Chunks, neighbours: readonly Chunks[]): void {
    if (own.missing === 0) return;
    const chunk = own.anyMissing(this.#random);
    for (const other of neighbours) {
      this.requests++;
      if (other.has(chunk)) return this.#send(chunk, own);
    }
  }

  #send(chunk: number, to: Chunks): void {
    this.sent++;
    if (to.has(chunk)) {
      this.redundant++;
      return;
    }
    to.add(chunk);
    this.held++;
  }
}

/**
 * Gossip as an earlier file sharer had it. Once a round each node pushes one random chunk that it has to each of its neighbours, or pulls
 * one random chunk that it lacks from the first neighbour that has it, or does both. Nobody leaves; a chunk arrives at once.
 */
export function runGossip(config: GossipConfig, random: Random): GossipRun {
  const world = new GossipWorld(config, random);
  const all = config.peers * config.chunks;
  const held: number[] = [];
  while (world.held < all && held.length < config.mostRounds) {
    world.round(held.length);
    held.push(world.held);
  }
  const { sent, redundant, requests } = world;
  return { held, rounds: world.held === all ? held.length : null, sent, redundant, requests };
}
