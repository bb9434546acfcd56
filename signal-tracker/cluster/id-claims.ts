import type { Milliseconds } from '../../shared/ids.ts';
import type { Letter } from './messages.ts';
import type { ClusterMail } from './batcher.ts';
import { nodeOf, type ClusterRoster } from './membership.ts';
import type { ConnectionId, Peer } from '../swarms/swarm.ts';
import type { Delivery } from '../swarms/memory-store.ts';

/**
 * Who may have a peer id that is announced at two nodes. As within one node: whoever has it keeps it as long as its socket answers a ping. The node
 * of the newcomer (`contests`) asks the node of the holder (`asked`), which probes, and says `held` or `free`.
 */
export interface ClaimsHost<Visit> {
  readonly now: () => Milliseconds;
  readonly mail: ClusterMail;
  readonly roster: ClusterRoster;
  /** The peer of this id here. */
  find(swarm: string, peerId: string): Peer | undefined;
  /** The announce may go on; with `force` whatever Redis says of a holder. */
  admit(visit: Visit, force: boolean): void;
  /** Somebody else has the peer id: the peer here is told so and removed. */
  refuse(peer: Peer, out: Delivery[]): void;
}

/** An announce that waits. */
export interface Contestant {
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

export class Claims<Visit extends Contestant> {
  readonly #host: ClaimsHost<Visit>;
  readonly #contests = new Map<Peer, { readonly visit: Visit; readonly until: Milliseconds }>();
  readonly #asked = new Map<Peer, Set<string>>();

  constructor(host: ClaimsHost<Visit>) {
    this.#host = host;
  }

  /** A peer here has a holder elsewhere, under `mark`. Until the verdict nobody is introduced to it. */
  contest(visit: Visit, mark: string): void {
    const { peer } = visit;
    peer.inboundRoom = 0;
    this.#contests.delete(peer);
    this.#contests.set(peer, { visit, until: this.#host.now() + verdictMs });
    const claim: Letter = { kind: 'claim', swarm: peer.swarm.key, peerId: peer.peerId, mark };
    this.#host.mail.post(nodeOf(mark), claim, () => this.#free(peer));
  }

  /** Another node asks for a peer id of this one. */
  takeClaim({ swarm, peerId, mark }: Extract<Letter, { kind: 'claim' }>, sender: string, out: Delivery[]): void {
    const peer = this.#host.find(swarm, peerId);
    if (peer === undefined) {
      this.#host.roster.strike(swarm, peerId, mark);
      this.#host.mail.post(sender, { kind: 'free', swarm, peerId });
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
  takeVerdict({ kind, swarm, peerId }: Extract<Letter, { kind: 'held' | 'free' }>, out: Delivery[]): void {
    const peer = this.#host.find(swarm, peerId);
    if (peer === undefined) return;
    if (kind === 'free') this.#free(peer);
    else if (this.#contests.delete(peer)) this.#host.refuse(peer, out);
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
    this.#contests.delete(peer);
    const nodes = this.#asked.get(peer);
    if (nodes === undefined) return;
    this.#asked.delete(peer);
    this.#tell(nodes, peer, 'free');
  }

  /** Ends the contests whose verdict is overdue. To be called once a second. */
  expire(now: Milliseconds): void {
    for (const [peer, { visit, until }] of this.#contests) {
      if (until > now) return;
      this.#contests.delete(peer);
      this.#admit(visit, true);
    }
  }

  #free(peer: Peer): void {
    const contest = this.#contests.get(peer);
    if (contest === undefined) return;
    this.#contests.delete(peer);
    this.#admit(contest.visit, contest.visit.round >= maxRounds);
  }

  #admit(visit: Visit, force: boolean): void {
    visit.peer.inboundRoom = visit.numwant;
    this.#host.admit({ ...visit, round: visit.round + 1 }, force);
  }

  #tell(nodes: Iterable<string>, { swarm, peerId }: Peer, kind: 'held' | 'free'): void {
    for (const node of nodes) this.#host.mail.post(node, { kind, swarm: swarm.key, peerId });
  }
}
