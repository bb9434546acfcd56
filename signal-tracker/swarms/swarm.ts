import { assert } from '../../shared/assert.ts';
import type { Milliseconds } from '../../shared/ids.ts';
import { infoHashCharacters } from '../../shared/tracker/json-fields.ts';
import type { Totals } from './totals.ts';
import { PendingOffers } from './pending-offers.ts';

/** One WebSocket, as the store knows it. */
export type ConnectionId = number;

/** Pairs a peer remembers having been matched in. 32 covers three announces of ten offers; a scan of it costs less than a hash. */
const rememberedMatches = 32;

/**
 * So soon nobody is offered the same peer again: an offer is answered within seconds or not at all. A minute of it kept a seed that came
 * back from leeches that had just missed its first offers.
 */
export const recentMs: Milliseconds = 20_000;

/** A pair whose offer was answered is connected or cannot connect: for five intervals others come first. */
export const matchedMs: Milliseconds = 600_000;

/** What a peer is remembered by: one's own number here, from 1 up, or one of a peer on another node, below 0. */
export interface Serial {
  readonly serial: number;
}

/** No peer's serial. */
const nobody = 0;

/** How well two peers know each other: matched a moment ago, connected for all the tracker knows, or remotePeers. */
export type MatchState = 'recent' | 'matched' | 'none';

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
  /** When it was last pinged because somebody could not reach it. */
  reportedAt: Milliseconds = -Infinity;
  /** What it said it still wants; `null` while it does not know. */
  leftBytes: number | null = null;
  heardAt: Milliseconds;
  /** Its neighbours in the list of all peers by age. */
  older: Peer | null = null;
  newer: Peer | null = null;
  /** Offers it still takes before its next announce. */
  inboundRoom = 0;
  /** Made when there is one. */
  #pendingOffers: PendingOffers | null = null;
  /**
   * The ring of matches: with whom (their serial) and when, in turn, and as bits which were answered. One flat list, because it is scanned, and
   * of each receiver of an offer: objects would be 32 cache misses, two lists two more.
   */
  #matches: number[] = [];
  #answered = 0;
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

  /** The memory of a match ends with time, when 32 others came after, and when either peer begins anew or misses the other. */
  matchState(other: Serial, now: Milliseconds): MatchState {
    const slot = this.#slotOf(other.serial);
    if (slot < 0) return 'none';
    const age = now - this.#matches[2 * slot + 1]!;
    if (age < recentMs) return 'recent';
    return (this.#answered & (1 << slot)) !== 0 && age < matchedMs ? 'matched' : 'none';
  }

  /** Notes (or renews) a match. */
  remember(other: Serial, at: Milliseconds, answered: boolean): void {
    let slot = this.#slotOf(other.serial);
    if (slot < 0) {
      slot = this.#nextMatch;
      this.#nextMatch = (slot + 1) % rememberedMatches;
    }
    this.#matches[2 * slot] = other.serial;
    this.#matches[2 * slot + 1] = at;
    this.#answered = answered ? this.#answered | (1 << slot) : this.#answered & ~(1 << slot);
  }

  /** What the two were matched for is over: they are remotePeers again. */
  forgetMatch(other: Serial): void {
    const slot = this.#slotOf(other.serial);
    if (slot >= 0) this.#matches[2 * slot] = nobody;
  }

  forgetMatches(): void {
    this.#matches = [];
    this.#nextMatch = 0;
  }

  #slotOf(serial: number): number {
    const matches = this.#matches;
    for (let at = 0; at < matches.length; at += 2) if (matches[at] === serial) return at >> 1;
    return -1;
  }

  /** Notes an offer relayed to this peer. */
  expectAnswer(fromPeerId: string, offerId: string, now: Milliseconds, until: Milliseconds): void {
    this.#pendingOffers ??= new PendingOffers();
    this.#pendingOffers.add(fromPeerId, offerId, now, until);
  }

  /** Whether an answer to this offer may be passed on now. */
  takeAnswer(toPeerId: string, offerId: string, now: Milliseconds): boolean {
    return this.#pendingOffers?.take(toPeerId, offerId, now) === true;
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
  /** The most that was ever left to one of its peers: at most the size of what is shared. */
  sizeBytes = 0;
  readonly #totals: Totals;

  constructor(key: string, totals: Totals) {
    this.key = key;
    this.#totals = totals;
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
    if (peer.seed) this.#totals.seedAdded(list.length);
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
    if (peer.seed) this.#totals.seedRemoved(list.length);
  }
}

/** v1 and v2 clients of one torrent meet under the first 20 units (BEP 52). */
export function swarmKey(infoHash: string): string {
  return infoHash.length === infoHashCharacters ? infoHash : infoHash.slice(0, infoHashCharacters);
}
