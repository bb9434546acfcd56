import type { Milliseconds } from '../../shared/ids.ts';
import type { ConnectionId, Delivery } from '../swarms/delivery.ts';
import type { Peer } from '../swarms/swarm.ts';
import type { MessageBatcher } from './batcher.ts';
import { nodeOf, type Membership } from './membership.ts';
import type { ClusterMessage } from './messages.ts';

export interface IdClaimsHost<Announce> {
  readonly now: () => Milliseconds;
  readonly batcher: MessageBatcher;
  readonly membership: Membership;
  /** The peer of this id on this node. */
  find(swarm: string, peerId: string): Peer | undefined;
  /** The announce may continue; with `force` whatever Redis says about a holder. */
  admit(announce: Announce, force: boolean): void;
  /** Another node has the peer id: the peer here is told so and removed. */
  refuse(peer: Peer, out: Delivery[]): void;
}

/** An announce that waits for a verdict. */
export interface WaitingAnnounce {
  readonly peer: Peer;
  readonly numwant: number;
  /** How often it went to Redis. */
  readonly round: number;
}

/** A probe takes at most 2 s, the messages little. A claim that is not answered by now is made again. */
const verdictMs: Milliseconds = 4000;

/**
 * After this many rounds a peer id that is said to be free, and found held again, is taken over; one whose node answers nothing stays with its holder
 * for as long as that node is alive.
 */
const maxRounds = 3;

/** More claims at once are an attack: then every holder keeps its peer id. */
const maxAsked = 10_000;

/**
 * Decides who gets a peer id that is announced at two nodes. As within one node, the holder keeps it while its socket answers a ping. The node of
 * the newcomer sends a claim to the node of the holder, which probes the socket and replies `held` or `free`.
 */
export class IdClaims<Announce extends WaitingAnnounce> {
  readonly #host: IdClaimsHost<Announce>;
  /** Peers of this node that wait for a verdict. */
  readonly #contested = new Map<Peer, { readonly announce: Announce; readonly until: Milliseconds }>();
  /** Peers of this node that are being probed, and the nodes that asked. */
  readonly #asked = new Map<Peer, Set<string>>();

  constructor(host: IdClaimsHost<Announce>) {
    this.#host = host;
  }

  /** A peer of this node has a holder elsewhere, under `mark`. Until the verdict it receives no offers. */
  contest(announce: Announce, mark: string): void {
    const { peer } = announce;
    peer.inboundRoom = 0;
    this.#contested.delete(peer);
    this.#contested.set(peer, { announce, until: this.#host.now() + verdictMs });
    const claim: ClusterMessage = { kind: 'claim', swarm: peer.swarm.key, peerId: peer.peerId, mark };
    this.#host.batcher.send(nodeOf(mark), claim, () => this.#free(peer));
  }

  /** Another node claims a peer id of this one. */
  receiveClaim({ swarm, peerId, mark }: Extract<ClusterMessage, { kind: 'claim' }>, sender: string, out: Delivery[]): void {
    const peer = this.#host.find(swarm, peerId);
    if (peer === undefined) {
      this.#host.membership.removeMember(swarm, peerId, mark);
      this.#host.batcher.send(sender, { kind: 'free', swarm, peerId });
      return;
    }
    const nodes = this.#asked.get(peer);
    if (nodes === undefined && this.#asked.size >= maxAsked) {
      this.#reply([sender], peer, 'held');
      return;
    }
    if (nodes === undefined) this.#asked.set(peer, new Set([sender]));
    else nodes.add(sender);
    out.push({ kind: 'probe', to: peer.connection });
  }

  /** The holder's node has probed. */
  receiveVerdict({ kind, swarm, peerId }: Extract<ClusterMessage, { kind: 'held' | 'free' }>, out: Delivery[]): void {
    const peer = this.#host.find(swarm, peerId);
    if (peer === undefined) return;
    if (kind === 'free') this.#free(peer);
    else if (this.#contested.delete(peer)) this.#host.refuse(peer, out);
  }

  /** The connection answered a probe, so it keeps its peer ids. */
  answered(connection: ConnectionId): void {
    for (const [peer, nodes] of this.#asked) {
      if (peer.connection !== connection) continue;
      this.#asked.delete(peer);
      this.#reply(nodes, peer, 'held');
    }
  }

  /** The peer is gone, and Redis knows: the claimants may have its peer id. */
  left(peer: Peer): void {
    this.#contested.delete(peer);
    const nodes = this.#asked.get(peer);
    if (nodes === undefined) return;
    this.#asked.delete(peer);
    this.#reply(nodes, peer, 'free');
  }

  /**
   * Makes claims again whose verdict is overdue, a few times. Redis decides whether the holder's node is alive: silence alone is no proof, a message may
   * be lost. To be called once a second.
   */
  expire(now: Milliseconds, out: Delivery[]): void {
    for (const [peer, { announce, until }] of this.#contested) {
      if (until > now) return;
      this.#contested.delete(peer);
      if (announce.round + 1 < maxRounds) this.#admit(announce, false);
      else this.#host.refuse(peer, out);
    }
  }

  #free(peer: Peer): void {
    const contest = this.#contested.get(peer);
    if (contest === undefined) return;
    this.#contested.delete(peer);
    this.#admit(contest.announce, contest.announce.round >= maxRounds);
  }

  #admit(announce: Announce, force: boolean): void {
    announce.peer.inboundRoom = announce.numwant;
    this.#host.admit({ ...announce, round: announce.round + 1 }, force);
  }

  #reply(nodes: Iterable<string>, { swarm, peerId }: Peer, kind: 'held' | 'free'): void {
    for (const node of nodes) this.#host.batcher.send(node, { kind, swarm: swarm.key, peerId });
  }
}
