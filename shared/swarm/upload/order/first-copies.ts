import type { LinkId, Milliseconds, PieceIndex } from '../../../ids.ts';
import type { SeedPolicy } from '../seeding/seed-policy.ts';

/** A peer, as far as its requests go. */
interface Asker {
  readonly link: LinkId;
  readonly requests: { readonly front: { readonly piece: PieceIndex } | null; readonly isBetweenPieces: boolean };
}

interface Moment<A extends Asker> {
  readonly now: Milliseconds;
  readonly config: { readonly holdBackMs: Milliseconds; readonly holdBackEveryMs: Milliseconds };
  readonly peers: ReadonlyMap<LinkId, A>;
}

/**
 * First copies before second ones: while the next request of some peer is for a piece that nobody else was given, those that ask for what another
 * peer got first wait, so that the whole uplink carries first copies. A piece that was begun is finished. A peer is held back within one short
 * span only, then not again for a while, so that nobody starves beside a link that is slow to take its first copies.
 */
export class FirstCopies<A extends Asker> {
  readonly #context: Moment<A>;
  /** When the span began in which a peer may be held back. */
  readonly #since = new Map<LinkId, Milliseconds>();
  readonly #held = new Set<A>();

  constructor(context: Moment<A>) {
    this.#context = context;
  }

  /** Whether the peer's next request has to wait. Then it is among those that {@link takeHeld} returns. */
  holds(peer: A, seed: SeedPolicy): boolean {
    if (!isSecondCopy(peer, seed)) return false;
    const { now, config } = this.#context;
    const since = this.#since.get(peer.link) ?? Number.NEGATIVE_INFINITY;
    const isNewSpan = now - since >= config.holdBackEveryMs;
    if ((!isNewSpan && now - since > config.holdBackMs) || !this.#isFirstCopyWaiting(seed)) return false;
    if (isNewSpan) this.#since.set(peer.link, now);
    this.#held.add(peer);
    return true;
  }

  /** Those that were held back, to be looked at again. */
  takeHeld(): readonly A[] {
    if (this.#held.size === 0) return [];
    const held = [...this.#held];
    this.#held.clear();
    return held;
  }

  closed(link: LinkId): void {
    this.#since.delete(link);
    for (const peer of this.#held) if (peer.link === link) this.#held.delete(peer);
  }

  #isFirstCopyWaiting(seed: SeedPolicy): boolean {
    for (const { link, requests } of this.#context.peers.values()) {
      const { front } = requests;
      if (front !== null && seed.isFirstCopy(link, front.piece)) return true;
    }
    return false;
  }
}

function isSecondCopy({ link, requests }: Asker, seed: SeedPolicy): boolean {
  const { front } = requests;
  return front !== null && requests.isBetweenPieces && !seed.isFirstCopy(link, front.piece);
}
