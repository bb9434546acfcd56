import type { Milliseconds } from '../../shared/ids.ts';
import type { ClusterMessage } from './messages.ts';
import type { MessageBatcher } from './batcher.ts';
import { nodeOf, type Membership } from './membership.ts';
import type { ConnectionId, Peer } from '../swarms/swarm.ts';
import type { Delivery } from '../swarms/memory-store.ts';

/**
 * Who may have a peer id that is announced at two nodes. As within one node: whoever has it keeps it as long as its socket answers a ping. The node
 * of the newcomer (`contests`) asks the node of the holder (`asked`), which probes, and says `held` or `free`.
 */
export interface IdClaimsHost<PendingAnnounce> {
  readonly now: () => Milliseconds;
  readonly batcher: MessageBatcher;
  readonly membership: Membership;
  /** The peer of this id here. */
  find(swarm: string, peerId: string): Peer | undefined;
  /** The announce may go on; with `force` whatever Redis says of a holder. */
  admit(announce: PendingAnnounce, force: boolean): void;
  /** Somebody else has the peer id: the peer here is told so and removed. */
  refuse(peer: Peer, out: Delivery[]): void;
}

/** An announce that waits. */
export interface Contender {
  readonly peer: Peer;
  readonly numwant: number;
  /** How often it went to Redis. */
  readonly round: number;
}

/** A probe takes 2 s at most, the way there and back little; a node that has not answered by now hangs, and loses its peer. */
const verdictMs: Milliseconds = 4000;

/** Verdicts after which a peer id that is said to be free, and found held again, is taken: something there keeps no order. */
const maxRounds = 3;

/** More claims at once are an attack: then whoever has a peer id keeps it. */
const maxAsked = 10_000;

export class IdClaims<PendingAnnounce extends Contender> {
  readonly #host: IdClaimsHost<PendingAnnounce>;
  readonly #contested = new Map<Peer, { readonly announce: PendingAnnounce; readonly until: Milliseconds }>();
  readonly #asked = new Map<Peer, Set<string>>();

  constructor(host: IdClaimsHost<PendingAnnounce>) {
    this.#host = host;
  }

  /** A peer here has a holder elsewhere, under `mark`. Until the verdict nobody is introduced to it. */
  contest(announce: PendingAnnounce, mark: string): void {
    const { peer } = announce;
    peer.inboundRoom = 0;
    this.#contested.delete(peer);
    this.#contested.set(peer, { announce, until: this.#host.now() + verdictMs });
    const claim: ClusterMessage = { kind: 'claim', swarm: peer.swarm.key, peerId: peer.peerId, mark };
    this.#host.batcher.post(nodeOf(mark), claim, () => this.#free(peer));
  }

  /** Another node asks for a peer id of this one. */
  receiveClaim({ swarm, peerId, mark }: Extract<ClusterMessage, { kind: 'claim' }>, sender: string, out: Delivery[]): void {
    const peer = this.#host.find(swarm, peerId);
    if (peer === undefined) {
      this.#host.membership.strike(swarm, peerId, mark);
      this.#host.batcher.post(sender, { kind: 'free', swarm, peerId });
      return;
    }
    const nodes = this.#asked.get(peer);
    if (nodes === undefined && this.#asked.size >= maxAsked) {
      this.#tell([sender], peer, 'held');
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

  /** The connection answered a probe: its peer ids stay its own. */
  answered(connection: ConnectionId): void {
    for (const [peer, nodes] of this.#asked) {
      if (peer.connection !== connection) continue;
      this.#asked.delete(peer);
      this.#tell(nodes, peer, 'held');
    }
  }

  /** The peer is gone, and Redis knows: who waits for its peer id may have it. */
  left(peer: Peer): void {
    this.#contested.delete(peer);
    const nodes = this.#asked.get(peer);
    if (nodes === undefined) return;
    this.#asked.delete(peer);
    this.#tell(nodes, peer, 'free');
  }

  /** Ends the contests whose verdict is overdue. To be called once a second. */
  expire(now: Milliseconds): void {
    for (const [peer, { announce, until }] of this.#contested) {
      if (until > now) return;
      this.#contested.delete(peer);
      this.#admit(announce, true);
    }
  }

  #free(peer: Peer): void {
    const contest = this.#contested.get(peer);
    if (contest === undefined) return;
    this.#contested.delete(peer);
    this.#admit(contest.announce, contest.announce.round >= maxRounds);
  }

  #admit(announce: PendingAnnounce, force: boolean): void {
    announce.peer.inboundRoom = announce.numwant;
    this.#host.admit({ ...announce, round: announce.round + 1 }, force);
  }

  #tell(nodes: Iterable<string>, { swarm, peerId }: Peer, kind: 'held' | 'free'): void {
    for (const node of nodes) this.#host.batcher.post(node, { kind, swarm: swarm.key, peerId });
  }
}
