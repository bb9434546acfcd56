import type { Milliseconds } from '../../shared/ids.ts';
import { shuffle, type Random } from '../../shared/random.ts';
import type { Announce, Answer, Relayed, Scrape } from '../../shared/tracker/client-messages.ts';
import type { StoreTotals } from '../swarms/totals.ts';
import { IdClaims } from './id-claims.ts';
import { readMessages, type ClusterMessage } from './messages.ts';
import { RedisConnection } from './redis-connection.ts';
import { MessageBatcher } from './batcher.ts';
import { OfferOrigins } from './offer-origins.ts';
import { Reregistration } from './reregistration.ts';
import { Membership, nodeOf, serialOf, type AnnounceResult, type RemotePeer } from './membership.ts';
import type { StoreListener, Store } from '../swarms/store.ts';
import { swarmKey, type ConnectionId, type Peer, type Swarm } from '../swarms/swarm.ts';
import {
  answerableMs,
  countsOf,
  expiryMs,
  storeLimits,
  MemoryStore,
  taken,
  type Delivery,
  type StoreLimits,
} from '../swarms/memory-store.ts';

/**
 * The store over several machines. Each node keeps its own peers as a tracker on one machine does (`MemoryStore`), and writes them down in Redis,
 * where one script per announce also draws remotePeers. Half of the offers go to peers here, half to remotePeers: by messages to their nodes. An announce
 * is answered when Redis has answered (about 1 ms), and without Redis at once, by what is known here: a node alone is a whole tracker.
 */
export interface RedisStoreOptions {
  /** redis: or rediss: URL. */
  readonly url: string;
  /** This node's name: new with every start, without `|` and newlines. */
  readonly node: string;
  readonly random: Random;
  /** Monotonic, in milliseconds. */
  readonly now: () => Milliseconds;
  /** Runs work of the store that comes by itself, and sends what comes of it. */
  readonly perform: (work: (out: Delivery[]) => void) => void;
  /** Redis went away (why) or is up again (`null`). */
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
  /** Departures Redis has not been told of. */
  readonly clusterPendingDepartures: number;
}

/** One announce on its way through Redis. */
interface PendingAnnounce {
  readonly peer: Peer;
  readonly offers: readonly Relayed[];
  readonly numwant: number;
  /** Peer ids it has no connection to, whatever it was matched with. */
  readonly missed: readonly string[];
  readonly finished: boolean;
  /** Whether the peer is to be answered: not when it is written down again after Redis came back. */
  readonly answered: boolean;
  /** Draws so far: nodes that died meanwhile may be met a few times, not for ever. */
  readonly round: number;
}

const maxRounds = 3;

/** How long a stop waits until Redis was told who left. */
const farewellMs: Milliseconds = 400;

export class RedisStore implements Store, StoreListener {
  readonly #options: RedisStoreOptions;
  readonly #here: MemoryStore;
  readonly #redis: RedisConnection;
  readonly #batcher: MessageBatcher;
  readonly #membership: Membership;
  readonly #offerOrigins = new OfferOrigins();
  readonly #claims: IdClaims<PendingAnnounce>;
  readonly #reregistration: Reregistration;

  constructor(options: RedisStoreOptions) {
    const { url, node, random, limits = storeLimits, memberLifeMs = expiryMs, changed } = options;
    this.#options = options;
    this.#here = new MemoryStore(random, limits, this);
    const receive = (text: string): void => this.#receive(text);
    const restored = (): void => this.#registerAgain();
    this.#redis = new RedisConnection({ url, node, random, receive, restored, changed });
    this.#batcher = new MessageBatcher(this.#redis, node);
    this.#membership = new Membership(this.#redis, node, random, memberLifeMs);
    this.#claims = new IdClaims({
      now: options.now,
      batcher: this.#batcher,
      membership: this.#membership,
      find: (swarm, peerId) => this.#here.find(swarm, peerId),
      admit: (announce, force) => void this.#introduce(announce, force),
      refuse: (peer, out) => this.#refuse(peer, out),
    });
    this.#reregistration = new Reregistration(random, (peer) =>
      this.#introduce({ peer, offers: [], numwant: peer.inboundRoom, missed: [], finished: false, answered: false, round: 0 }),
    );
  }

  get swarmCount(): number {
    return this.#here.swarmCount;
  }

  get peerCount(): number {
    return this.#here.peerCount;
  }

  get totals(): StoreTotals {
    return this.#here.totals;
  }

  everySwarm(): Iterable<Swarm> {
    return this.#here.everySwarm();
  }

  swarmOf(key: string): Swarm | undefined {
    return this.#here.swarmOf(key);
  }

  /** Why Redis is away; `null` while it is up. */
  get trouble(): string | null {
    return this.#redis.reason;
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

  /** Resolves when Redis is up, or after 2 s without it. */
  open(): Promise<void> {
    return this.#redis.open();
  }

  async close(): Promise<void> {
    this.#reregistration.stop();
    await this.#membership.settleAll(farewellMs);
    await this.#redis.close();
  }

  announce(now: Milliseconds, from: ConnectionId, message: Announce, out: Delivery[]): void {
    this.#here.announce(now, from, message, out);
  }

  answer(now: Milliseconds, from: ConnectionId, message: Answer, out: Delivery[]): void {
    this.#here.answer(now, from, message, out);
  }

  scrape(from: ConnectionId, message: Scrape, out: Delivery[]): void {
    if (!this.#redis.up) {
      this.#here.scrape(from, message, out);
      return;
    }
    const { infoHashes } = message;
    void this.#membership.counts(infoHashes.map(swarmKey)).then((counts) =>
      this.#options.perform((later) => {
        if (counts === null) this.#here.scrape(from, message, later);
        else later.push({ kind: 'scraped', to: from, files: new Map(infoHashes.map((infoHash, index) => [infoHash, counts[index]!])) });
      }),
    );
  }

  leave(now: Milliseconds, connection: ConnectionId, out: Delivery[]): void {
    this.#here.leave(now, connection, out);
  }

  answered(connection: ConnectionId, out: Delivery[]): void {
    this.#here.answered(connection, out);
    this.#claims.answered(connection);
  }

  expire(now: Milliseconds, atMost: number, out: Delivery[]): boolean {
    this.#offerOrigins.expire(now);
    this.#claims.expire(now);
    return this.#here.expire(now, atMost, out);
  }

  announced(peer: Peer, { offers, numwant, event, unreachable: missed = [] }: Announce): void {
    void this.#introduce({ peer, offers, numwant, missed, finished: event === 'completed', answered: true, round: 0 });
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
    this.#batcher.post(origin.node, { kind: 'answer', swarm: peer.swarm.key, to: toPeerId, from: peer.peerId, mark, offerId, sdp });
  }

  /** Writes the peer down, then answers it and places its offers. Whether Redis took it. */
  async #introduce(announce: PendingAnnounce, force = false): Promise<boolean> {
    const { peer, offers, finished } = announce;
    const found = await this.#membership.announce(peer, { wanted: offers.length, finished, force });
    this.#options.perform((out) => this.#arrive(announce, found, out));
    return found !== null;
  }

  #arrive(announce: PendingAnnounce, found: AnnounceResult | null, out: Delivery[]): void {
    const { peer } = announce;
    if (peer.slot < 0) return; // It left meanwhile, and Redis was told after this.
    if (found?.kind === 'held') {
      this.#claims.contest(announce, found.mark);
      return;
    }
    if (announce.answered) this.#here.reply(peer.connection, peer.infoHash, found ?? countsOf(peer.swarm), out);
    this.#place(announce, found?.remotePeers ?? [], out);
  }

  /** Half of the offers to peers here, the rest to remotePeers, and what finds none there to peers here after all. */
  #place(announce: PendingAnnounce, remotePeers: readonly RemotePeer[], out: Delivery[]): void {
    const { peer, offers } = announce;
    if (offers.length === 0) return;
    const now = this.#options.now();
    const fresh = unmet(announce, remotePeers, now, this.#options.random);
    const forHere = Math.max(Math.ceil(offers.length / 2), offers.length - fresh.length);
    const placed = this.#here.relayOffers(now, peer, offers.slice(0, forHere), out);
    const rest = offers.slice(placed);
    for (const [index, { peerId, mark }] of fresh.slice(0, rest.length).entries()) {
      const offer = rest[index]!;
      peer.remember({ serial: serialOf(mark) }, now, false);
      const message: ClusterMessage = {
        kind: 'offer',
        swarm: peer.swarm.key,
        to: peerId,
        from: peer.peerId,
        mark: this.#membership.markOf(peer),
        ...offer,
      };
      this.#batcher.post(nodeOf(mark), message, () => this.#placeAgain(announce, offer));
    }
  }

  #placeAgain(announce: PendingAnnounce, offer: Relayed): void {
    const round = announce.round + 1;
    if (round < maxRounds) void this.#introduce({ ...announce, offers: [offer], finished: false, answered: false, round });
  }

  #receive(text: string): void {
    const mail = readMessages(text);
    if (mail === null) return;
    this.#options.perform((out) => {
      for (const message of mail.messages) this.#open(message, mail.sender, out);
    });
  }

  #open(message: ClusterMessage, sender: string, out: Delivery[]): void {
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
    const peer = this.#here.find(swarm, to);
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
    const peer = this.#here.find(swarm, to);
    if (peer === undefined) return;
    peer.remember({ serial: serialOf(mark) }, this.#options.now(), true);
    out.push({ kind: 'answer', to: peer.connection, infoHash: peer.infoHash, peerId: from, offerId, sdp });
  }

  #refuse(peer: Peer, out: Delivery[]): void {
    out.push({ kind: 'failure', to: peer.connection, action: 'announce', infoHash: peer.infoHash, reason: taken });
    this.#here.remove(this.#options.now(), peer, out);
  }

  /** Redis may have forgotten this node's peers: tells it who left, then who is here. */
  #registerAgain(): void {
    this.#membership.settle();
    void this.#reregistration.begin(this.#here.everyPeer());
  }
}

function originKey(receiver: Peer, from: string, offerId: string): string {
  return receiver.swarm.key + receiver.peerId + from + offerId;
}

/** Those the peer was not matched with, or misses, in any order; where it knows them all, one that it may try again. */
function unmet({ peer, missed }: PendingAnnounce, remotePeers: readonly RemotePeer[], now: Milliseconds, random: Random): RemotePeer[] {
  const fresh: RemotePeer[] = [];
  let former: RemotePeer | null = null;
  for (const stranger of remotePeers) {
    const isMissed = missed.includes(stranger.peerId);
    const matchState = isMissed ? 'none' : peer.matchState({ serial: serialOf(stranger.mark) }, now);
    if (matchState === 'none') fresh.push(stranger);
    else if (matchState === 'matched') former ??= stranger;
  }
  return fresh.length === 0 && former !== null ? [former] : shuffle(fresh, random);
}
