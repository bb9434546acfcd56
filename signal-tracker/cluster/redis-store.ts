import type { Milliseconds } from '../../shared/ids.ts';
import { shuffle, type Random } from '../../shared/random.ts';
import type { Announce, Answer, Relayed, Scrape } from '../../shared/tracker/client-messages.ts';
import type { SwarmSums } from '../swarms/totals.ts';
import { Claims } from './id-claims.ts';
import { readLetters, type Letter } from './messages.ts';
import { ClusterLink } from './redis-connection.ts';
import { ClusterMail } from './batcher.ts';
import { Origins } from './offer-origins.ts';
import { Registrar } from './reregistration.ts';
import { ClusterRoster, nodeOf, serialOf, type Found, type Stranger } from './membership.ts';
import type { Neighbours, Store } from '../swarms/store.ts';
import { swarmKey, type ConnectionId, type Peer, type Swarm } from '../swarms/swarm.ts';
import { answerableMs, countsOf, expiryMs, storeLimits, Swarms, taken, type Delivery, type StoreLimits } from '../swarms/memory-store.ts';

/**
 * The store over several machines. Each node keeps its own peers as a tracker on one machine does (`Swarms`), and writes them down in Redis,
 * where one script per announce also draws strangers. Half of the offers go to peers here, half to strangers: by letters to their nodes. An announce
 * is answered when Redis has answered (about 1 ms), and without Redis at once, by what is known here: a node alone is a whole tracker.
 */
export interface ClusterOptions {
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
  readonly clusterLetters: number;
  readonly clusterMessages: number;
  /** Offers from elsewhere that may still be answered. */
  readonly clusterOrigins: number;
  /** Departures Redis has not been told of. */
  readonly clusterOwed: number;
}

/** One announce on its way through Redis. */
interface Visit {
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

export class ClusteredSwarms implements Store, Neighbours {
  readonly #options: ClusterOptions;
  readonly #here: Swarms;
  readonly #link: ClusterLink;
  readonly #mail: ClusterMail;
  readonly #roster: ClusterRoster;
  readonly #origins = new Origins();
  readonly #claims: Claims<Visit>;
  readonly #registrar: Registrar;

  constructor(options: ClusterOptions) {
    const { url, node, random, limits = storeLimits, memberLifeMs = expiryMs, changed } = options;
    this.#options = options;
    this.#here = new Swarms(random, limits, this);
    const receive = (text: string): void => this.#receive(text);
    const restored = (): void => this.#registerAgain();
    this.#link = new ClusterLink({ url, node, random, receive, restored, changed });
    this.#mail = new ClusterMail(this.#link, node);
    this.#roster = new ClusterRoster(this.#link, node, random, memberLifeMs);
    this.#claims = new Claims({
      now: options.now,
      mail: this.#mail,
      roster: this.#roster,
      find: (swarm, peerId) => this.#here.find(swarm, peerId),
      admit: (visit, force) => void this.#introduce(visit, force),
      refuse: (peer, out) => this.#refuse(peer, out),
    });
    this.#registrar = new Registrar(random, (peer) =>
      this.#introduce({ peer, offers: [], numwant: peer.inboundRoom, missed: [], finished: false, answered: false, round: 0 }),
    );
  }

  get swarmCount(): number {
    return this.#here.swarmCount;
  }

  get peerCount(): number {
    return this.#here.peerCount;
  }

  get sums(): SwarmSums {
    return this.#here.sums;
  }

  everySwarm(): Iterable<Swarm> {
    return this.#here.everySwarm();
  }

  swarmOf(key: string): Swarm | undefined {
    return this.#here.swarmOf(key);
  }

  /** Why Redis is away; `null` while it is up. */
  get trouble(): string | null {
    return this.#link.reason;
  }

  get counts(): ClusterCounts {
    const { letters, messages } = this.#mail.counts;
    return {
      clusterUp: this.#link.up ? 1 : 0,
      clusterLetters: letters,
      clusterMessages: messages,
      clusterOrigins: this.#origins.size,
      clusterOwed: this.#roster.owed,
    };
  }

  /** Resolves when Redis is up, or after 2 s without it. */
  open(): Promise<void> {
    return this.#link.open();
  }

  async close(): Promise<void> {
    this.#registrar.stop();
    await this.#roster.settleAll(farewellMs);
    await this.#link.close();
  }

  announce(now: Milliseconds, from: ConnectionId, message: Announce, out: Delivery[]): void {
    this.#here.announce(now, from, message, out);
  }

  answer(now: Milliseconds, from: ConnectionId, message: Answer, out: Delivery[]): void {
    this.#here.answer(now, from, message, out);
  }

  scrape(from: ConnectionId, message: Scrape, out: Delivery[]): void {
    if (!this.#link.up) {
      this.#here.scrape(from, message, out);
      return;
    }
    const { infoHashes } = message;
    void this.#roster.counts(infoHashes.map(swarmKey)).then((counts) =>
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
    this.#origins.expire(now);
    this.#claims.expire(now);
    return this.#here.expire(now, atMost, out);
  }

  announced(peer: Peer, { offers, numwant, event, unreachable: missed = [] }: Announce): void {
    void this.#introduce({ peer, offers, numwant, missed, finished: event === 'completed', answered: true, round: 0 });
  }

  left(peer: Peer): void {
    this.#roster.leave(peer);
    this.#claims.left(peer);
  }

  answeredElsewhere(peer: Peer, { toPeerId, offerId, sdp }: Answer): void {
    const origin = this.#origins.take(originKey(peer, toPeerId, offerId));
    if (origin === null) return;
    peer.remember(origin, this.#options.now(), true);
    const mark = this.#roster.markOf(peer);
    this.#mail.post(origin.node, { kind: 'answer', swarm: peer.swarm.key, to: toPeerId, from: peer.peerId, mark, offerId, sdp });
  }

  /** Writes the peer down, then answers it and places its offers. Whether Redis took it. */
  async #introduce(visit: Visit, force = false): Promise<boolean> {
    const { peer, offers, finished } = visit;
    const found = await this.#roster.announce(peer, { wanted: offers.length, finished, force });
    this.#options.perform((out) => this.#arrive(visit, found, out));
    return found !== null;
  }

  #arrive(visit: Visit, found: Found | null, out: Delivery[]): void {
    const { peer } = visit;
    if (peer.slot < 0) return; // It left meanwhile, and Redis was told after this.
    if (found?.kind === 'held') {
      this.#claims.contest(visit, found.mark);
      return;
    }
    if (visit.answered) this.#here.reply(peer.connection, peer.infoHash, found ?? countsOf(peer.swarm), out);
    this.#place(visit, found?.strangers ?? [], out);
  }

  /** Half of the offers to peers here, the rest to strangers, and what finds none there to peers here after all. */
  #place(visit: Visit, strangers: readonly Stranger[], out: Delivery[]): void {
    const { peer, offers } = visit;
    if (offers.length === 0) return;
    const now = this.#options.now();
    const fresh = unmet(visit, strangers, now, this.#options.random);
    const forHere = Math.max(Math.ceil(offers.length / 2), offers.length - fresh.length);
    const placed = this.#here.relayOffers(now, peer, offers.slice(0, forHere), out);
    const rest = offers.slice(placed);
    for (const [index, { peerId, mark }] of fresh.slice(0, rest.length).entries()) {
      const offer = rest[index]!;
      peer.remember({ serial: serialOf(mark) }, now, false);
      const letter: Letter = {
        kind: 'offer',
        swarm: peer.swarm.key,
        to: peerId,
        from: peer.peerId,
        mark: this.#roster.markOf(peer),
        ...offer,
      };
      this.#mail.post(nodeOf(mark), letter, () => this.#drawAgain(visit, offer));
    }
  }

  #drawAgain(visit: Visit, offer: Relayed): void {
    const round = visit.round + 1;
    if (round < maxRounds) void this.#introduce({ ...visit, offers: [offer], finished: false, answered: false, round });
  }

  #receive(text: string): void {
    const mail = readLetters(text);
    if (mail === null) return;
    this.#options.perform((out) => {
      for (const letter of mail.letters) this.#open(letter, mail.sender, out);
    });
  }

  #open(letter: Letter, sender: string, out: Delivery[]): void {
    switch (letter.kind) {
      case 'offer':
        this.#takeOffer(letter, sender, out);
        return;
      case 'answer':
        this.#takeAnswer(letter, out);
        return;
      case 'claim':
        this.#claims.takeClaim(letter, sender, out);
        return;
      case 'held':
      case 'free':
      default:
        this.#claims.takeVerdict(letter, out);
    }
  }

  #takeOffer(
    { swarm, to, from, mark, offerId, sdp }: Extract<Letter, { kind: 'offer' | 'answer' }>,
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
    this.#origins.remember(originKey(peer, from, offerId), { node: sender, serial }, now);
    out.push({ kind: 'offer', to: peer.connection, infoHash: peer.infoHash, peerId: from, offerId, sdp });
  }

  #takeAnswer({ swarm, to, from, mark, offerId, sdp }: Extract<Letter, { kind: 'offer' | 'answer' }>, out: Delivery[]): void {
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
    this.#roster.settle();
    void this.#registrar.begin(this.#here.everyPeer());
  }
}

function originKey(receiver: Peer, from: string, offerId: string): string {
  return receiver.swarm.key + receiver.peerId + from + offerId;
}

/** Those the peer was not matched with, or misses, in any order; where it knows them all, one that it may try again. */
function unmet({ peer, missed }: Visit, strangers: readonly Stranger[], now: Milliseconds, random: Random): Stranger[] {
  const fresh: Stranger[] = [];
  let former: Stranger | null = null;
  for (const stranger of strangers) {
    const isMissed = missed.includes(stranger.peerId);
    const acquaintance = isMissed ? 'none' : peer.acquaintance({ serial: serialOf(stranger.mark) }, now);
    if (acquaintance === 'none') fresh.push(stranger);
    else if (acquaintance === 'matched') former ??= stranger;
  }
  return fresh.length === 0 && former !== null ? [former] : shuffle(fresh, random);
}
