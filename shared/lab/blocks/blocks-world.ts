import { shuffle, type Random } from '../../random.ts';

export interface BlocksConfig {
  readonly peers: number;
  readonly blocks: number;
}

/** The earlier system's rules. Times in seconds. */
const earlierBlocks = {
  /** A peer asks for one block in this time, whatever the size of the block. */
  blockInterval: 3,
  /** The tracker gives these to a peer that joins: the published times are 3 s × (blocks − 2) and a start of 1 to 2 s. */
  startBlocks: 2,
  startSeconds: [1, 2],
  keepAliveInterval: 15,
  /** Tit-for-tat every so often: the peers with most of the rarest blocks are unchoked, and one more by chance. */
  chokeInterval: 10,
  unchoked: 4,
} as const;

export interface BlocksPeerResult {
  readonly seconds: number;
  /** HAVEs and keep-alives. */
  readonly sent: number;
  /** HAVEs and keep-alives of others. */
  readonly told: number;
  /** Requests of others that arrived here. */
  readonly asked: number;
  /** Blocks that came from the tracker, the first ones included. */
  readonly fromTracker: number;
}

interface Peer {
  readonly has: Set<number>;
  readonly startsAt: number;
  /** Whom it serves, by index. */
  unchoked: Set<number>;
  doneAt: number | null;
  haves: number;
  asked: number;
  fromTracker: number;
}

interface Timed {
  readonly at: number;
  readonly run: () => void;
}

/** One run. The tracker holds every block and gives one only where no peer that serves the asker has it. */
class BlocksWorld {
  readonly peers: readonly Peer[];
  readonly #config: BlocksConfig;
  readonly #random: Random;

  constructor(config: BlocksConfig, random: Random) {
    this.#config = config;
    this.#random = random;
    const [from, until] = earlierBlocks.startSeconds;
    this.peers = Array.from({ length: config.peers }, () => ({
      has: new Set<number>(),
      startsAt: from + ((until - from) * random.below(1000)) / 1000,
      unchoked: new Set<number>(),
      doneAt: null,
      haves: 0,
      asked: 0,
      fromTracker: 0,
    }));
  }

  run(): void {
    this.#giveStartBlocks();
    for (let round = 0; this.peers.some(({ doneAt }) => doneAt === null); round++) {
      const events = this.#eventsOf(round).toSorted((a, b) => a.at - b.at);
      for (const { run } of events) run();
    }
  }

  #giveStartBlocks(): void {
    const blocks = shuffle(
      Array.from({ length: this.#config.blocks }, (_, i) => i),
      this.#random,
    );
    for (const peer of this.peers) {
      for (let i = 0; i < earlierBlocks.startBlocks; i++) this.#take(peer, blocks.pop() ?? 0, 0);
      peer.fromTracker += earlierBlocks.startBlocks;
    }
  }

  /** What happens in one block interval: each peer's request, and the choking where it is due. */
  #eventsOf(round: number): Timed[] {
    const { blockInterval, chokeInterval } = earlierBlocks;
    return this.peers.flatMap((peer) => {
      const at = peer.startsAt + (round + 1) * blockInterval;
      const chokes = Math.floor(at / chokeInterval) !== Math.floor((at - blockInterval) / chokeInterval) || round === 0;
      const request = { at, run: () => this.#request(peer, at) };
      return chokes ? [{ at: at - blockInterval, run: () => this.#choke(peer) }, request] : [request];
    });
  }

  #request(peer: Peer, at: number): void {
    if (peer.doneAt !== null) return;
    const block = this.#rarestMissing(peer);
    const me = this.peers.indexOf(peer);
    const givers = this.peers.filter((other) => other !== peer && other.has.has(block) && other.unchoked.has(me));
    const giver = givers[this.#random.below(Math.max(1, givers.length))];
    if (giver === undefined) peer.fromTracker++;
    else giver.asked++;
    this.#take(peer, block, at);
  }

  #rarestMissing(peer: Peer): number {
    const missing = Array.from({ length: this.#config.blocks }, (_, i) => i).filter((block) => !peer.has.has(block));
    const copies = missing.map((block) => this.#copies(block));
    const least = Math.min(...copies);
    const rarest = missing.filter((_, i) => copies[i] === least);
    return rarest[this.#random.below(rarest.length)] ?? 0;
  }

  #copies(block: number): number {
    return this.peers.reduce((count, { has }) => count + Number(has.has(block)), 0);
  }

  #take(peer: Peer, block: number, at: number): void {
    peer.has.add(block);
    if (at > 0) peer.haves++;
    if (peer.has.size === this.#config.blocks) peer.doneAt = at;
  }

  /** Scores a peer by how many of the rarest blocks it has: those that fewest peers hold. */
  #choke(peer: Peer): void {
    const others = this.peers.flatMap((other, index) => (other === peer ? [] : [{ index, score: this.#rareBlocksOf(other) }]));
    const best = shuffle(others, this.#random).toSorted((a, b) => b.score - a.score);
    const optimistic = best.slice(earlierBlocks.unchoked);
    const lucky = optimistic[this.#random.below(Math.max(1, optimistic.length))];
    peer.unchoked = new Set([...best.slice(0, earlierBlocks.unchoked), ...(lucky === undefined ? [] : [lucky])].map(({ index }) => index));
  }

  #rareBlocksOf(other: Peer): number {
    const counts = Array.from(other.has, (block) => this.#copies(block));
    const least = Math.min(...counts);
    return counts.filter((count) => count === least).length;
  }
}

/** Runs the earlier system by its own rules and counts messages where the published counts seem to have been taken. */
export function runBlocks(config: BlocksConfig, random: Random): readonly BlocksPeerResult[] {
  const world = new BlocksWorld(config, random);
  world.run();
  const others = config.peers - 1;
  const sent = world.peers.map((peer) => (peer.haves + Math.floor((peer.doneAt ?? 0) / earlierBlocks.keepAliveInterval)) * others);
  const all = sent.reduce((sum, each) => sum + each, 0);
  return world.peers.map((peer, i) => ({
    seconds: peer.doneAt ?? Infinity,
    sent: sent[i] ?? 0,
    told: (all - (sent[i] ?? 0)) / others,
    asked: peer.asked,
    fromTracker: peer.fromTracker,
  }));
}
