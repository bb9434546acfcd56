import { assert } from '../../shared/assert.ts';
import type { Milliseconds } from '../../shared/ids.ts';
import { infoHashCharacters } from '../../shared/tracker/json-fields.ts';
import type { ConnectionId } from './delivery.ts';
import { MatchHistory } from './match-history.ts';
import { PendingOffers } from './pending-offers.ts';
import type { Totals } from './totals.ts';

/**
 * One peer id in one swarm. Invariant: from `join` to `remove` a peer is in exactly one of its swarm's `leeches` and `seeds`, at index `slot`, and
 * under its peer id in `byId`.
 */
export class Peer extends MatchHistory {
  readonly swarm: Swarm;
  readonly peerId: string;
  readonly connection: ConnectionId;
  /** As this peer wrote it (20 or 32 units): everything sent to it echoes this. */
  infoHash: string;
  /** New at every `started`, so that a restarted peer matches no history. */
  serial: number;
  seed: boolean;
  slot = -1;
  completed = false;
  /** When it was last pinged because a peer reported it as unreachable. */
  reportedAt: Milliseconds = -Infinity;
  /** Bytes it still wants, as it says; `null` while it does not know. */
  leftBytes: number | null = null;
  heardAt: Milliseconds;
  /** Its neighbours in the list of all peers by age. */
  older: Peer | null = null;
  newer: Peer | null = null;
  /** Offers it still takes before its next announce. */
  inboundRoom = 0;
  /** Created with the first offer. */
  #pendingOffers: PendingOffers | null = null;

  constructor(
    swarm: Swarm,
    who: { peerId: string; connection: ConnectionId; infoHash: string; serial: number; seed: boolean; now: Milliseconds },
  ) {
    super();
    this.swarm = swarm;
    this.peerId = who.peerId;
    this.connection = who.connection;
    this.infoHash = who.infoHash;
    this.serial = who.serial;
    this.seed = who.seed;
    this.heardAt = who.now;
  }

  /** An offer was relayed to this peer. */
  expectAnswer(fromPeerId: string, offerId: string, now: Milliseconds, until: Milliseconds): void {
    this.#pendingOffers ??= new PendingOffers();
    this.#pendingOffers.add(fromPeerId, offerId, now, until);
  }

  /** Whether an answer to this offer may be relayed now. */
  takeAnswer(toPeerId: string, offerId: string, now: Milliseconds): boolean {
    return this.#pendingOffers?.take(toPeerId, offerId, now) === true;
  }
}

/** The peers of one info hash. Leeches and seeds are kept apart so that either can be sampled in constant time. */
export class Swarm {
  /** The first 20 units of the info hash. */
  readonly key: string;
  readonly byId = new Map<string, Peer>();
  readonly leeches: Peer[] = [];
  readonly seeds: Peer[] = [];
  downloaded = 0;
  /** The most that any of its peers ever had left: at most the size of the share. */
  sizeBytes = 0;
  readonly #totals: Totals;

  constructor(key: string, totals: Totals) {
    this.key = key;
    this.#totals = totals;
  }

  add(peer: Peer): void {
    assert(!this.byId.has(peer.peerId), 'a peer id is in a swarm once');
    this.byId.set(peer.peerId, peer);
    this.#insert(peer);
  }

  remove(peer: Peer): void {
    this.#extract(peer);
    this.byId.delete(peer.peerId);
  }

  /** Moves a peer between leeches and seeds. */
  setSeed(peer: Peer, seed: boolean): void {
    if (peer.seed === seed) return;
    this.#extract(peer);
    peer.seed = seed;
    this.#insert(peer);
  }

  #insert(peer: Peer): void {
    const list = peer.seed ? this.seeds : this.leeches;
    peer.slot = list.length;
    list.push(peer);
    if (peer.seed) this.#totals.seedAdded(list.length);
  }

  #extract(peer: Peer): void {
    const list = peer.seed ? this.seeds : this.leeches;
    assert(list[peer.slot] === peer, 'a peer is in its slot');
    const last = list.pop();
    if (last !== undefined && last !== peer) {
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
