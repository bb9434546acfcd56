import type { Milliseconds } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import type { Announce, Answer, Offer, Scrape } from '../../shared/tracker/client-messages.ts';
import type { SwarmCounts } from '../../shared/tracker/server-messages.ts';
import { AddressShares } from './address-shares.ts';
import type { ConnectionId, Delivery } from './delivery.ts';
import { IdChallenges } from './id-challenges.ts';
import { LruList } from './lru-list.ts';
import { samplePeers } from './matching.ts';
import type { StoreListener, Store } from './store.ts';
import { Peer, Swarm, swarmKey } from './swarm.ts';
import { Totals, type StoreTotals } from './totals.ts';

/** 120 s keeps a swarm fresh at 8 announces a second for 1,000 peers. ± 10 % keeps peers that came together from announcing together for ever. */
const intervalSeconds = 120;
const jitterSeconds = 12;

/** Twice the longest interval a peer was given: one announce may get lost. */
export const expiryMs: Milliseconds = 2 * (intervalSeconds + jitterSeconds) * 1000;

/** Browsers drop an offer after about a minute; later answers are useless. */
export const answerableMs: Milliseconds = 120_000;

/** A reported peer is pinged at most this often, however many reports come: otherwise reports would be a way to flood it. */
export const reportPauseMs: Milliseconds = 10_000;

export interface StoreLimits {
  readonly maxSwarms: number;
  readonly maxPeers: number;
  readonly maxInfoHashesPerConnection: number;
}

/**
 * A peer takes about 1 KB, or 3 KB if it receives five offers an interval, and a swarm 0.5 KB: a million quiet peers fit into 2 GB. One tab shares a
 * few torrents; 100 are a power user's.
 */
export const storeLimits: StoreLimits = { maxSwarms: 500_000, maxPeers: 1_000_000, maxInfoHashesPerConnection: 100 };

const full = 'This tracker is full. Try again later, or use another tracker.';
const tooMany = 'Too many info hashes on one connection. Open another one.';
const tooManyHere = 'Your address has too many shares here. Try again later, or use another tracker.';
export const taken = 'This peer id belongs to another connection.';

/**
 * Who is in which swarm, and who must be told what. The store has no clock and no socket: time and randomness come in as arguments, wishes go
 * out in `out`, in the order in which they must be sent. Every call is O(offers), whatever the number of peers.
 *
 * A peer id belongs to the connection that announced it first, until that leaves or fails a probe: no other connection may stop it or answer as it.
 * So a peer that returns on a new socket while its old one is half-open waits until the probe has ended.
 */
export class MemoryStore implements Store {
  readonly #random: Random;
  readonly #limits: StoreLimits;
  readonly #listener: StoreListener | null;
  readonly #swarms = new Map<string, Swarm>();
  readonly #peersOf = new Map<ConnectionId, Set<Peer>>();
  /** The peer that has been silent longest comes first. */
  readonly #byAge = new LruList<Peer>();
  readonly #challenges = new IdChallenges();
  readonly #shares = new AddressShares();
  readonly #totals = new Totals();
  #serial = 0;

  /** `listener`: the cluster, where there is one. It then answers announces. */
  constructor(random: Random, limits: StoreLimits = storeLimits, listener: StoreListener | null = null) {
    this.#random = random;
    this.#limits = limits;
    this.#listener = listener;
  }

  get totals(): StoreTotals {
    const { seeds, completeSwarms } = this.#totals;
    return { people: this.#peersOf.size, swarms: this.#swarms.size, completeSwarms, peers: this.#byAge.size, seeds };
  }

  /** Oldest first. */
  everySwarm(): Iterable<Swarm> {
    return this.#swarms.values();
  }

  swarmOf(key: string): Swarm | undefined {
    return this.#swarms.get(key);
  }

  /** The peer of this id in the swarm of this key (the first 20 units of its info hash). */
  find(key: string, peerId: string): Peer | undefined {
    return this.#swarms.get(key)?.byId.get(peerId);
  }

  /** The peer that has been silent longest comes first. */
  everyPeer(): Peer[] {
    return [...this.#byAge];
  }

  /** A connection opened at this address (`''`: loopback). Without this its address has no limit. */
  enter(connection: ConnectionId, address: string): void {
    this.#shares.enter(connection, address);
  }

  /** Joins, refreshes or (with `stopped`) leaves a swarm. The reply comes before the offers. */
  announce(now: Milliseconds, from: ConnectionId, message: Announce, out: Delivery[]): void {
    const key = swarmKey(message.infoHash);
    const known = this.#swarms.get(key)?.byId.get(message.peerId);
    if (known !== undefined && known.connection !== from) {
      this.#challenge(known, from, message, out);
      return;
    }
    if (message.event === 'stopped') {
      if (known !== undefined) this.remove(now, known, out);
      this.reply(from, message.infoHash, countsOf(this.#swarms.get(key)), out);
      return;
    }
    const peer = known ?? this.#join(now, from, message, out);
    if (peer === null) return;
    this.#refresh(now, peer, message);
    if (message.unreachable !== undefined) this.#hearReports(now, peer, message.unreachable, out);
    if (this.#listener !== null) {
      this.#listener.announced(peer, message);
      return;
    }
    this.reply(from, message.infoHash, countsOf(peer.swarm), out);
    this.relayOffers(now, peer, message.offers, out);
  }

  /**
   * Relays an answer. Answers to peers that left, and answers that are unasked, late or repeated, are dropped silently: that is normal churn, and
   * replies to them could be used to flood.
   */
  answer(now: Milliseconds, from: ConnectionId, message: Answer, out: Delivery[]): void {
    const swarm = this.#swarms.get(swarmKey(message.infoHash));
    const peer = swarm?.byId.get(message.peerId);
    if (swarm === undefined || peer === undefined) return;
    if (peer.connection !== from) {
      out.push({ kind: 'failure', to: from, action: 'announce', infoHash: message.infoHash, reason: taken });
      return;
    }
    if (!peer.takeAnswer(message.toPeerId, message.offerId, now)) return;
    const target = swarm.byId.get(message.toPeerId);
    if (target === undefined) {
      this.#listener?.answeredElsewhere(peer, message);
      return;
    }
    remember(peer, target, now, true);
    const { infoHash, connection: to } = target;
    out.push({ kind: 'answer', to, infoHash, peerId: peer.peerId, offerId: message.offerId, sdp: message.sdp });
  }

  /** Counts of the named swarms; zeros for unknown ones. */
  scrape(from: ConnectionId, message: Scrape, out: Delivery[]): void {
    const files = new Map<string, SwarmCounts>();
    for (const infoHash of message.infoHashes) files.set(infoHash, countsOf(this.#swarms.get(swarmKey(infoHash))));
    out.push({ kind: 'scraped', to: from, files });
  }

  /** The connection is closed: its peers leave at once, and challengers get their peer ids. */
  leave(now: Milliseconds, connection: ConnectionId, out: Delivery[]): void {
    this.#challenges.withdraw(connection);
    for (const peer of this.#peersOf.get(connection) ?? []) this.remove(now, peer, out);
    this.#shares.leave(connection);
  }

  /** The connection answered a probe, so it keeps its peer ids. */
  answered(connection: ConnectionId, out: Delivery[]): void {
    for (const peer of this.#peersOf.get(connection) ?? []) {
      const challenge = this.#challenges.take(peer);
      if (challenge !== null) this.#refuse(challenge.from, challenge.message, taken, out);
    }
  }

  /** Removes peers that did not announce for {@link expiryMs}, at most `atMost` in one call; true if some are left for the next call. */
  expire(now: Milliseconds, atMost: number, out: Delivery[]): boolean {
    let left = atMost;
    for (const peer of this.#byAge) {
      if (peer.heardAt + expiryMs > now) return false;
      if (left-- === 0) return true;
      this.remove(now, peer, out);
    }
    return false;
  }

  /**
   * A peer reported as unreachable is pinged, and removed if it stays silent. A report alone removes nobody: it may be a lie, or a firewall between
   * the two. But the two have no connection, so they may be introduced again at once. That is nothing to abuse: `started` has the same effect.
   */
  #hearReports(now: Milliseconds, peer: Peer, peerIds: readonly string[], out: Delivery[]): void {
    for (const peerId of peerIds) {
      const missed = peer.swarm.byId.get(peerId);
      if (missed === undefined) continue;
      peer.forgetMatch(missed);
      missed.forgetMatch(peer);
      if (now - missed.reportedAt < reportPauseMs) continue;
      missed.reportedAt = now;
      out.push({ kind: 'probe', to: missed.connection });
    }
  }

  #challenge(owner: Peer, from: ConnectionId, message: Announce, out: Delivery[]): void {
    const former = this.#challenges.take(owner);
    if (message.event === 'stopped') {
      // A challenger that stops must not join when the probe has ended.
      if (former !== null && former.from !== from) this.#challenges.add(owner, former.from, former.message);
      this.#refuse(from, message, taken, out);
      return;
    }
    if (former !== null && former.from !== from) this.#refuse(former.from, former.message, taken, out);
    if (!this.#challenges.add(owner, from, message)) {
      this.#refuse(from, message, full, out);
      return;
    }
    out.push({ kind: 'probe', to: owner.connection });
  }

  #join(now: Milliseconds, from: ConnectionId, message: Announce, out: Delivery[]): Peer | null {
    const key = swarmKey(message.infoHash);
    const known = this.#swarms.get(key);
    const mine = this.#peersOf.get(from);
    const { maxPeers, maxSwarms, maxInfoHashesPerConnection } = this.#limits;
    const free = Math.min(maxPeers - this.#byAge.size, known === undefined ? maxSwarms - this.#swarms.size : Infinity);
    const hasTooMany = mine !== undefined && mine.size >= maxInfoHashesPerConnection;
    if (free <= 0 || hasTooMany || !this.#shares.admits(from, free)) {
      this.#refuse(from, message, free <= 0 ? full : hasTooMany ? tooMany : tooManyHere, out);
      return null;
    }
    const swarm = known ?? new Swarm(key, this.#totals);
    if (known === undefined) this.#swarms.set(key, swarm);
    const { peerId, infoHash, seed } = message;
    const peer = new Peer(swarm, { peerId, connection: from, infoHash, serial: ++this.#serial, seed, now });
    swarm.add(peer);
    this.#byAge.add(peer);
    this.#shares.count(from, 1);
    if (mine === undefined) this.#peersOf.set(from, new Set([peer]));
    else mine.add(peer);
    return peer;
  }

  #refresh(now: Milliseconds, peer: Peer, message: Announce): void {
    peer.heardAt = now;
    this.#byAge.touch(peer);
    peer.infoHash = message.infoHash;
    peer.inboundRoom = message.numwant;
    peer.swarm.setSeed(peer, message.seed);
    peer.leftBytes = message.left;
    if (message.left !== null && message.left > peer.swarm.sizeBytes) peer.swarm.sizeBytes = message.left;
    if (message.event === 'started') {
      peer.serial = ++this.#serial;
      peer.forgetMatches();
    }
    if (message.event === 'completed' && !peer.completed) {
      peer.completed = true;
      peer.swarm.downloaded += 1;
    }
  }

  /** Relays offers of a peer to sampled peers, the first ones first, and returns how many were relayed. */
  relayOffers(now: Milliseconds, peer: Peer, offers: readonly Offer[], out: Delivery[]): number {
    if (offers.length === 0) return 0;
    const receivers = samplePeers(peer, offers.length, now, this.#random);
    for (const [index, receiver] of receivers.entries()) {
      const offer = offers[index];
      if (offer === undefined) break;
      const { offerId, sdp } = offer;
      receiver.inboundRoom -= 1;
      receiver.expectAnswer(peer.peerId, offerId, now, now + answerableMs);
      remember(peer, receiver, now, false);
      out.push({ kind: 'offer', to: receiver.connection, infoHash: receiver.infoHash, peerId: peer.peerId, offerId, sdp });
    }
    return receivers.length;
  }

  /** Takes a peer out of its swarm; a challenger gets its peer id. */
  remove(now: Milliseconds, peer: Peer, out: Delivery[]): void {
    peer.swarm.remove(peer);
    this.#listener?.left(peer);
    this.#byAge.remove(peer);
    this.#shares.count(peer.connection, -1);
    if (peer.swarm.byId.size === 0) this.#swarms.delete(peer.swarm.key);
    const mine = this.#peersOf.get(peer.connection);
    mine?.delete(peer);
    if (mine?.size === 0) this.#peersOf.delete(peer.connection);
    const challenge = this.#challenges.take(peer);
    if (challenge !== null) this.announce(now, challenge.from, challenge.message, out);
  }

  reply(to: ConnectionId, infoHash: string, { complete, incomplete }: Omit<SwarmCounts, 'downloaded'>, out: Delivery[]): void {
    const interval = intervalSeconds - jitterSeconds + this.#random.below(2 * jitterSeconds + 1);
    out.push({ kind: 'reply', to, infoHash, intervalSeconds: interval, complete, incomplete });
  }

  #refuse(to: ConnectionId, message: Announce, reason: string, out: Delivery[]): void {
    out.push({ kind: 'failure', to, action: 'announce', infoHash: message.infoHash, reason });
  }
}

function remember(one: Peer, other: Peer, at: Milliseconds, answered: boolean): void {
  one.remember(other, at, answered);
  other.remember(one, at, answered);
}

export function countsOf(swarm: Swarm | undefined): SwarmCounts {
  if (swarm === undefined) return { complete: 0, incomplete: 0, downloaded: 0 };
  return { complete: swarm.seeds.length, incomplete: swarm.leeches.length, downloaded: swarm.downloaded };
}
