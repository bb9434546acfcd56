import { itemAt } from '../../shared/assert.ts';
import type { Milliseconds } from '../../shared/ids.ts';
import { shuffle, type Random } from '../../shared/random.ts';
import type { Announce, Answer, Offer, Scrape } from '../../shared/tracker/client-messages.ts';
import type { ConnectionId, Delivery } from '../swarms/delivery.ts';
import { answerableMs, countsOf, expiryMs, MemoryStore, storeLimits, taken, type StoreLimits } from '../swarms/memory-store.ts';
import type { Store, StoreListener } from '../swarms/store.ts';
import { swarmKey, type Peer, type Swarm } from '../swarms/swarm.ts';
import type { StoreTotals } from '../swarms/totals.ts';
import { MessageBatcher } from './batcher.ts';
import { IdClaims } from './id-claims.ts';
import { Membership, nodeOf, serialOf, type AnnounceResult, type RemotePeer, Reregistration } from './membership.ts';
import { readMessages, type ClusterMessage } from './messages.ts';
import { OfferOrigins } from './offer-origins.ts';
import { RedisConnection } from './redis-connection.ts';

export interface RedisStoreOptions {
  /** redis: or rediss: URL. */
  readonly url: string;
  /** This node's name: new with every start, without `|` and newlines. */
  readonly node: string;
  readonly random: Random;
  /** Monotonic, in milliseconds. */
  readonly now: () => Milliseconds;
  /** Runs work that no client message caused, and sends its deliveries. */
  readonly perform: (work: (out: Delivery[]) => void) => void;
  /** Redis went away (with the reason) or is up again (`null`). */
  readonly changed: (reason: string | null) => void;
  readonly limits?: StoreLimits;
  /** How long a member of a node that died stays. */
  readonly memberLifeMs?: Milliseconds;
}

export interface ClusterCounts {
  /** 1 while Redis is up. */
  readonly clusterUp: number;
  readonly clusterMessages: number;
  readonly clusterBatches: number;
  /** Offers from elsewhere that may still be answered. */
  readonly clusterOpenOffers: number;
  /** Departures that Redis does not know yet. */
  readonly clusterPendingDepartures: number;
}

/** An announce that waits for Redis. */
interface PendingAnnounce {
  readonly peer: Peer;
  readonly offers: readonly Offer[];
  readonly numwant: number;
  /** Peer ids it has no connection to, even if it was matched with them. */
  readonly missed: readonly string[];
  readonly finished: boolean;
  /** Whether the peer gets a reply: not when it is only registered again. */
  readonly answered: boolean;
  /** Attempts so far: offers to dead nodes are placed again a few times, not for ever. */
  readonly round: number;
}

const maxRounds = 3;

/** How long a stop delivers departures to Redis. */
const departuresMs: Milliseconds = 400;

/**
 * The store of several machines. Each node keeps its own peers in a `MemoryStore` and registers them in Redis, where one script per announce also
 * samples peers of other nodes. Half of the offers go to local peers, half by messages to the nodes of remote ones. An announce is answered when
 * Redis has answered (about 1 ms). Without Redis it is answered at once with what this node knows: each node alone is a complete tracker.
 */
export class RedisStore implements Store, StoreListener {
  readonly #options: RedisStoreOptions;
  readonly #local: MemoryStore;
  readonly #redis: RedisConnection;
  readonly #batcher: MessageBatcher;
  readonly #membership: Membership;
  readonly #offerOrigins = new OfferOrigins();
  readonly #claims: IdClaims<PendingAnnounce>;
  readonly #reregistration: Reregistration;

  constructor(options: RedisStoreOptions) {
    const { url, node, random, limits = storeLimits, memberLifeMs = expiryMs, changed } = options;
    this.#options = options;
    this.#local = new MemoryStore(random, limits, this);
    const receive = (text: string): void => this.#receive(text);
    const restored = (): void => this.#reregister();
    this.#redis = new RedisConnection({ url, node, random, receive, restored, changed });
    this.#batcher = new MessageBatcher(this.#redis, node);
    this.#membership = new Membership(this.#redis, node, random, memberLifeMs);
    this.#claims = new IdClaims({
      now: options.now,
      batcher: this.#batcher,
      membership: this.#membership,
      find: (swarm, peerId) => this.#local.find(swarm, peerId),
      admit: (announce, force) => void this.#register(announce, force),
      refuse: (peer, out) => this.#refuse(peer, out),
    });
    this.#reregistration = new Reregistration(random, (peer) =>
      this.#register({ peer, offers: [], numwant: peer.inboundRoom, missed: [], finished: false, answered: false, round: 0 }),
    );
  }

  get totals(): StoreTotals {
    return this.#local.totals;
  }

  everySwarm(): Iterable<Swarm> {
    return this.#local.everySwarm();
  }

  swarmOf(key: string): Swarm | undefined {
    return this.#local.swarmOf(key);
  }

  get isUp(): boolean {
    return this.#redis.up;
  }

  get counts(): ClusterCounts {
    const { messages, batches } = this.#batcher.counts;
    return {
      clusterUp: this.#redis.up ? 1 : 0,
      clusterMessages: messages,
      clusterBatches: batches,
      clusterOpenOffers: this.#offerOrigins.size,
      clusterPendingDepartures: this.#membership.pendingDepartures,
    };
  }

  /** Resolves when Redis is up, or after 2 s. */
  open(): Promise<void> {
    return this.#redis.open();
  }

  async close(): Promise<void> {
    this.#reregistration.stop();
    await this.#membership.deliverDepartures(departuresMs);
    await this.#redis.close();
  }

  enter(connection: ConnectionId, address: string): void {
    this.#local.enter(connection, address);
  }

  announce(now: Milliseconds, from: ConnectionId, message: Announce, out: Delivery[]): void {
    this.#local.announce(now, from, message, out);
  }

  answer(now: Milliseconds, from: ConnectionId, message: Answer, out: Delivery[]): void {
    this.#local.answer(now, from, message, out);
  }

  scrape(from: ConnectionId, message: Scrape, out: Delivery[]): void {
    if (!this.#redis.up) {
      this.#local.scrape(from, message, out);
      return;
    }
    const { infoHashes } = message;
    void this.#membership.counts(infoHashes.map(swarmKey)).then((counts) =>
      this.#options.perform((later) => {
        if (counts === null) this.#local.scrape(from, message, later);
        else later.push({ kind: 'scraped', to: from, files: new Map(counts.map((count, index) => [itemAt(infoHashes, index), count])) });
      }),
    );
  }

  leave(now: Milliseconds, connection: ConnectionId, out: Delivery[]): void {
    this.#local.leave(now, connection, out);
  }

  answered(connection: ConnectionId, out: Delivery[]): void {
    this.#local.answered(connection, out);
    this.#claims.answered(connection);
  }

  expire(now: Milliseconds, atMost: number, out: Delivery[]): boolean {
    this.#offerOrigins.expire(now);
    this.#claims.expire(now, out);
    void this.#membership.deliverDepartures(departuresMs);
    return this.#local.expire(now, atMost, out);
  }

  announced(peer: Peer, { offers, numwant, event, unreachable: missed = [] }: Announce): void {
    void this.#register({ peer, offers, numwant, missed, finished: event === 'completed', answered: true, round: 0 });
  }

  left(peer: Peer): void {
    this.#membership.leave(peer);
    this.#claims.left(peer);
  }

  answeredElsewhere(peer: Peer, { toPeerId, offerId, sdp }: Answer): void {
    const origin = this.#offerOrigins.take(originKey(peer, toPeerId, offerId));
    if (origin === null) return;
    peer.remember(origin, this.#options.now(), true);
    const mark = this.#membership.markOf(peer);
    this.#batcher.send(origin.node, { kind: 'answer', swarm: peer.swarm.key, to: toPeerId, from: peer.peerId, mark, offerId, sdp });
  }

  /** Registers the peer, then answers it and relays its offers. Resolves with whether Redis accepted it. */
  async #register(announce: PendingAnnounce, force = false): Promise<boolean> {
    const { peer, offers, finished } = announce;
    const result = await this.#membership.announce(peer, { wanted: offers.length, finished, force });
    this.#options.perform((out) => this.#registered(announce, result, out));
    return result !== null;
  }

  #registered(announce: PendingAnnounce, result: AnnounceResult | null, out: Delivery[]): void {
    const { peer } = announce;
    if (peer.slot < 0) return; // It left meanwhile, and its departure reaches Redis after this.
    if (result?.kind === 'held') {
      this.#claims.contest(announce, result.mark);
      return;
    }
    if (announce.answered) this.#local.reply(peer.connection, peer.infoHash, result ?? countsOf(peer.swarm), out);
    this.#relay(announce, result?.remotePeers ?? [], out);
  }

  /**
   * Relays half of the offers to local peers and the rest to remote ones; offers for which there is no remote peer go to local ones too. The odd one is
   * drawn by lot, or peers that make one offer at a time would never meet those of other nodes.
   */
  #relay(announce: PendingAnnounce, remotePeers: readonly RemotePeer[], out: Delivery[]): void {
    const { peer, offers } = announce;
    if (offers.length === 0) return;
    this.#report(announce, remotePeers);
    const now = this.#options.now();
    const unmet = unmetOf(announce, remotePeers, now, this.#options.random);
    const forHere = Math.max((offers.length + this.#options.random.below(2)) >> 1, offers.length - unmet.length);
    const placed = this.#local.relayOffers(now, peer, offers.slice(0, forHere), out);
    const rest = offers.slice(placed);
    for (const [index, { peerId, mark }] of unmet.slice(0, rest.length).entries()) {
      const offer = itemAt(rest, index);
      peer.remember({ serial: serialOf(mark) }, now, false);
      const message: ClusterMessage = {
        kind: 'offer',
        swarm: peer.swarm.key,
        to: peerId,
        from: peer.peerId,
        mark: this.#membership.markOf(peer),
        ...offer,
      };
      this.#batcher.send(nodeOf(mark), message, () => this.#relayAgain(announce, offer));
    }
  }

  /** The node of a peer that is reported as unreachable pings it, and removes one that it has no more: as where somebody else claims its id. */
  #report({ peer, missed }: PendingAnnounce, remotePeers: readonly RemotePeer[]): void {
    for (const { peerId, mark } of remotePeers) {
      if (missed.includes(peerId)) this.#batcher.send(nodeOf(mark), { kind: 'claim', swarm: peer.swarm.key, peerId, mark });
    }
  }

  #relayAgain(announce: PendingAnnounce, offer: Offer): void {
    const round = announce.round + 1;
    // One that left meanwhile must not be registered again: its departure has reached Redis already.
    if (announce.peer.slot >= 0 && round < maxRounds)
      void this.#register({ ...announce, offers: [offer], finished: false, answered: false, round });
  }

  #receive(text: string): void {
    const batch = readMessages(text);
    if (batch === null) return;
    this.#options.perform((out) => {
      for (const message of batch.messages) this.#receiveMessage(message, batch.sender, out);
    });
  }

  #receiveMessage(message: ClusterMessage, sender: string, out: Delivery[]): void {
    switch (message.kind) {
      case 'offer':
        this.#receiveOffer(message, sender, out);
        return;
      case 'answer':
        this.#receiveAnswer(message, out);
        return;
      case 'claim':
        this.#claims.receiveClaim(message, sender, out);
        return;
      case 'held':
      case 'free':
      default:
        this.#claims.receiveVerdict(message, out);
    }
  }

  #receiveOffer(
    { swarm, to, from, mark, offerId, sdp }: Extract<ClusterMessage, { kind: 'offer' | 'answer' }>,
    sender: string,
    out: Delivery[],
  ): void {
    const peer = this.#local.find(swarm, to);
    if (peer === undefined || peer.inboundRoom === 0) return;
    const now = this.#options.now();
    const serial = serialOf(mark);
    peer.inboundRoom -= 1;
    peer.expectAnswer(from, offerId, now, now + answerableMs);
    peer.remember({ serial }, now, false);
    this.#offerOrigins.remember(originKey(peer, from, offerId), { node: sender, serial }, now);
    out.push({ kind: 'offer', to: peer.connection, infoHash: peer.infoHash, peerId: from, offerId, sdp });
  }

  #receiveAnswer({ swarm, to, from, mark, offerId, sdp }: Extract<ClusterMessage, { kind: 'offer' | 'answer' }>, out: Delivery[]): void {
    const peer = this.#local.find(swarm, to);
    if (peer === undefined) return;
    peer.remember({ serial: serialOf(mark) }, this.#options.now(), true);
    out.push({ kind: 'answer', to: peer.connection, infoHash: peer.infoHash, peerId: from, offerId, sdp });
  }

  #refuse(peer: Peer, out: Delivery[]): void {
    out.push({ kind: 'failure', to: peer.connection, action: 'announce', infoHash: peer.infoHash, reason: taken });
    this.#local.remove(this.#options.now(), peer, out);
  }

  /** Redis may have lost this node's peers: delivers departures, then registers everyone again. */
  #reregister(): void {
    void this.#membership.deliverDepartures(departuresMs);
    void this.#reregistration.begin(this.#local.everyPeer());
  }
}

function originKey(receiver: Peer, from: string, offerId: string): string {
  return receiver.swarm.key + receiver.peerId + from + offerId;
}

/** Those that the peer was not matched with, or reports as unreachable, shuffled. If it was matched with all, one that it may try again. */
function unmetOf({ peer, missed }: PendingAnnounce, remotePeers: readonly RemotePeer[], now: Milliseconds, random: Random): RemotePeer[] {
  const fresh: RemotePeer[] = [];
  let earlier: RemotePeer | null = null;
  for (const remote of remotePeers) {
    const isMissed = missed.includes(remote.peerId);
    const matchState = isMissed ? 'none' : peer.matchState({ serial: serialOf(remote.mark) }, now);
    if (matchState === 'none') fresh.push(remote);
    else if (matchState === 'matched') earlier ??= remote;
  }
  return fresh.length === 0 && earlier !== null ? [earlier] : shuffle(fresh, random);
}
