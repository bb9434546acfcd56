import { assert } from '../shared/assert.ts';
import type { Milliseconds } from '../shared/ids.ts';
import { infoHashCharacters } from '../shared/tracker/fields.ts';

/** One WebSocket, as the store knows it. */
export type ConnectionId = number;

/** Pairs a peer remembers having been matched in. 32 covers three announces of ten offers; a scan of it costs less than a hash. */
const rememberedMatches = 32;

/** Offers a peer may still answer. Twice what 50 inbound offers in each 120 s can add up to. */
const maxUnanswered = 256;

/**
 * So soon nobody is offered the same peer again: an offer is answered within seconds or not at all. A minute of it kept a seed that came
 * back from leeches that had just missed its first offers.
 */
export const recentMs: Milliseconds = 20_000;

/** A pair whose offer was answered is connected or cannot connect: for five intervals others come first. */
export const matchedMs: Milliseconds = 600_000;

interface Match {
  readonly serial: number;
  at: Milliseconds;
  answered: boolean;
}

/** How well two peers know each other: matched a moment ago, connected for all the tracker knows, or strangers. */
export type Acquaintance = 'recent' | 'matched' | 'none';

/**
 * One peer id in one swarm. Invariant: a peer is in exactly one of its swarm's `leeches` and `seeds`, at index `slot`,
 * from `join` to `remove`, and under its peer id in `byId`.
 */
export class Peer {
  readonly swarm: Swarm;
  readonly peerId: string;
  readonly connection: ConnectionId;
  /** As this peer wrote it (20 or 32 units), for everything sent to it. */
  infoHash: string;
  /** New at every `started`, so that a peer that begins anew is nobody's recent match. */
  serial: number;
  seed: boolean;
  slot = -1;
  completed = false;
  heardAt: Milliseconds;
  /** Offers it still takes before its next announce. */
  inboundRoom = 0;
  /** Offers relayed to this peer and not yet answered: from whom and which one → until when an answer is passed on. */
  readonly unanswered = new Map<string, Milliseconds>();
  #matches: Match[] = [];
  #nextMatch = 0;

  constructor(
    swarm: Swarm,
    who: { peerId: string; connection: ConnectionId; infoHash: string; serial: number; seed: boolean; now: Milliseconds },
  ) {
    this.swarm = swarm;
    this.peerId = who.peerId;
    this.connection = who.connection;
    this.infoHash = who.infoHash;
    this.serial = who.serial;
    this.seed = who.seed;
    this.heardAt = who.now;
  }

  /** The memory of a match ends with time, when 32 others came after, and when either peer begins anew. */
  acquaintance(other: Peer, now: Milliseconds): Acquaintance {
    const match = this.#matchWith(other);
    if (match === undefined) return 'none';
    const age = now - match.at;
    if (age < recentMs) return 'recent';
    return match.answered && age < matchedMs ? 'matched' : 'none';
  }

  /** Notes (or renews) a match. */
  remember(other: Peer, at: Milliseconds, answered: boolean): void {
    const known = this.#matchWith(other);
    if (known !== undefined) {
      Object.assign(known, { at, answered });
      return;
    }
    this.#matches[this.#nextMatch] = { serial: other.serial, at, answered };
    this.#nextMatch = (this.#nextMatch + 1) % rememberedMatches;
  }

  forgetMatches(): void {
    this.#matches = [];
    this.#nextMatch = 0;
  }

  /** Notes an offer relayed to this peer. The oldest goes where a sender's floods would make the list grow. */
  expectAnswer(fromPeerId: string, offerId: string, until: Milliseconds): void {
    if (this.unanswered.size >= maxUnanswered) {
      const oldest = this.unanswered.keys().next();
      if (oldest.done === false) this.unanswered.delete(oldest.value);
    }
    this.unanswered.set(fromPeerId + offerId, until);
  }

  /** Whether an answer to this offer may be passed on now; each offer is answered once. */
  takeAnswer(toPeerId: string, offerId: string, now: Milliseconds): boolean {
    const key = toPeerId + offerId;
    const until = this.unanswered.get(key);
    if (until === undefined) return false;
    this.unanswered.delete(key);
    return until >= now;
  }

  #matchWith(other: Peer): Match | undefined {
    for (const match of this.#matches) if (match.serial === other.serial) return match;
    return undefined;
  }
}

/** The peers of one info hash, leeches and seeds apart so that either can be drawn from in constant time. */
export class Swarm {
  /** The first 20 units of the info hash. */
  readonly key: string;
  readonly byId = new Map<string, Peer>();
  readonly leeches: Peer[] = [];
  readonly seeds: Peer[] = [];
  downloaded = 0;

  constructor(key: string) {
    this.key = key;
  }

  add(peer: Peer): void {
    assert(!this.byId.has(peer.peerId), 'a peer id is in a swarm once');
    this.byId.set(peer.peerId, peer);
    this.#place(peer);
  }

  remove(peer: Peer): void {
    this.#displace(peer);
    this.byId.delete(peer.peerId);
  }

  /** Moves a peer between leeches and seeds. */
  setSeed(peer: Peer, seed: boolean): void {
    if (peer.seed === seed) return;
    this.#displace(peer);
    peer.seed = seed;
    this.#place(peer);
  }

  #place(peer: Peer): void {
    const list = peer.seed ? this.seeds : this.leeches;
    peer.slot = list.length;
    list.push(peer);
  }

  #displace(peer: Peer): void {
    const list = peer.seed ? this.seeds : this.leeches;
    assert(list[peer.slot] === peer, 'a peer is in its slot');
    const last = list.pop()!;
    if (last !== peer) {
      list[peer.slot] = last;
      last.slot = peer.slot;
    }
    peer.slot = -1;
  }
}

/** v1 and v2 clients of one torrent meet under the first 20 units (BEP 52). */
export function swarmKey(infoHash: string): string {
  return infoHash.length === infoHashCharacters ? infoHash : infoHash.slice(0, infoHashCharacters);
}
