import type { Milliseconds } from '../shared/ids.ts';
import type { ConnectionId, Peer } from './swarm.ts';

/**
 * Who may have a peer id that is announced at two nodes. As within one node: whoever has it keeps it as long as its socket answers a ping. The node
 * of the newcomer (`contests`) asks the node of the holder (`asked`), which probes, and says `held` or `free`.
 */
export interface Contest<Visit> {
  readonly visit: Visit;
  readonly until: Milliseconds;
}

/** A probe takes 2 s at most, the way there and back little; a node that has not answered by now hangs, and loses its peer. */
const verdictMs: Milliseconds = 4000;

/** More claims at once are an attack: then whoever has a peer id keeps it. */
const maxAsked = 10_000;

export class Claims<Visit extends { readonly peer: Peer }> {
  readonly #contests = new Map<Peer, Contest<Visit>>();
  readonly #asked = new Map<Peer, Set<string>>();

  /** This node's peer has a holder elsewhere; until the verdict nobody here is introduced to it. */
  contest(visit: Visit, now: Milliseconds): void {
    this.#contests.set(visit.peer, { visit, until: now + verdictMs });
  }

  isContested(peer: Peer): boolean {
    return this.#contests.has(peer);
  }

  /** Ends a contest; `null` where there is none. */
  take(peer: Peer): Visit | null {
    const contest = this.#contests.get(peer);
    this.#contests.delete(peer);
    return contest?.visit ?? null;
  }

  /** Ends and gives the contests whose verdict is overdue. */
  takeOverdue(now: Milliseconds): Visit[] {
    const overdue: Visit[] = [];
    for (const [peer, { visit, until }] of this.#contests) {
      if (until > now) continue;
      this.#contests.delete(peer);
      overdue.push(visit);
    }
    return overdue;
  }

  /** Another node claims the peer id of a peer here. False where there are too many already. */
  ask(peer: Peer, node: string): boolean {
    const nodes = this.#asked.get(peer);
    if (nodes !== undefined) nodes.add(node);
    else if (this.#asked.size >= maxAsked) return false;
    else this.#asked.set(peer, new Set([node]));
    return true;
  }

  /** The peer is gone: who waits for its peer id. */
  left(peer: Peer): ReadonlySet<string> {
    this.#contests.delete(peer);
    const nodes = this.#asked.get(peer) ?? new Set<string>();
    this.#asked.delete(peer);
    return nodes;
  }

  /** The connection lives: its peers that were claimed, and by whom. */
  answered(connection: ConnectionId): [Peer, ReadonlySet<string>][] {
    const mine = [...this.#asked].filter(([peer]) => peer.connection === connection);
    for (const [peer] of mine) this.#asked.delete(peer);
    return mine;
  }
}
