import type { LinkId, Milliseconds } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import type { Rate } from '../../lib/rate.ts';
import { turnBytes, turnsOnTheWay } from '../turn-size.ts';
import { TurnsAtOnce } from './turns-at-once.ts';

/** A peer, as far as the order of turns goes. */
interface Served {
  readonly link: LinkId;
  readonly turnBeganAt: Milliseconds;
  readonly pipeline: { readonly pathMs: Milliseconds };
  readonly requests: {
    readonly waiting: number;
    readonly aheadBytes: number;
    readonly isIdle: boolean;
    readonly sendingSince: Milliseconds;
  };
}

interface Moment<S extends Served> {
  readonly now: Milliseconds;
  readonly peers: ReadonlyMap<LinkId, S>;
  readonly metadata: { readonly have: { readonly isFull: boolean }; readonly geometry: { readonly pieceLength: number } } | null;
  readonly config: { readonly slotPolicy: 'tit-for-tat' | 'turns'; readonly crowdLinks: number; readonly leastTurnBytes: number };
}

/** Blocks that are with the host, of all peers together, before a younger turn waits: enough that the uplink never runs empty, … */
const queuedMs: Milliseconds = 50;
const leastQueuedBytes = 4 * blockBytes;

/** No turn waits for one whose blocks take so long each: its receiver is slow, or takes nothing. */
const stalledMs: Milliseconds = 1000;

/**
 * Turns one after another instead of all at once: while requests of enough older turns wait, a younger one gets only what keeps the uplink full.
 * Each piece is then whole after its own time, not after that of all, and can be passed on.
 */
export class TurnOrder<S extends Served> {
  readonly #context: Moment<S>;
  /** Some of their requests wait, or are with the host. */
  readonly #served = new Set<S>();
  readonly #held = new Set<S>();
  /** Of all that left the host's queues. */
  readonly #rate: Rate;
  readonly #atOnce = new TurnsAtOnce();
  #countedBytes = 0;
  #countedAt: Milliseconds;
  #wasBusy = false;

  constructor(context: Moment<S>, rate: Rate) {
    this.#context = context;
    this.#rate = rate;
    this.#countedAt = context.now;
  }

  /** Of how many turns requests are answered while those of younger ones wait. Infinite: nobody waits. */
  get turnsAtOnce(): number {
    return this.#isCrowd ? this.#count : Infinity;
  }

  /** Whether the peer's next request has to wait for older turns. Then the peer comes back from {@link drained} or {@link tick}. */
  holds(peer: S): boolean {
    if (!this.#isCrowd) return false;
    this.#served.add(peer);
    if (!this.#isFull(peer)) return false;
    this.#held.add(peer);
    return true;
  }

  /** Blocks of this peer have left the host's queue: it and those that were held back are to be looked at, the oldest turn first. */
  drained(peer: S): readonly S[] {
    if (this.#held.size === 0) return [peer];
    this.#held.add(peer);
    return this.#takeHeld();
  }

  closed(link: LinkId): void {
    for (const peers of [this.#served, this.#held]) for (const peer of peers) if (peer.link === link) peers.delete(peer);
  }

  /** Once a second: those that were held back, the oldest turn first. */
  tick(): readonly S[] {
    let waiting = 0;
    for (const { requests } of this.#served) if (requests.waiting > 0) waiting++;
    this.#measure(waiting >= 2 && this.#isCrowd);
    return this.#takeHeld();
  }

  get #isCrowd(): boolean {
    const { peers, config } = this.#context;
    return peers.size >= config.crowdLinks && config.slotPolicy === 'turns';
  }

  /**
   * As few as carry as much, and no fewer than fill the paths. The time from an UNCHOKE to the request says little of a path here: in a crowd it
   * is how long a peer has nothing to ask for.
   */
  get #count(): number {
    const { now, metadata, config } = this.#context;
    let pathMs = 0;
    for (const { pipeline } of this.#served) pathMs += pipeline.pathMs / this.#served.size;
    const roundTripBytes = (this.#rate.perSecond(now) * pathMs) / 1000;
    return Math.max(this.#atOnce.count, turnsOnTheWay(roundTripBytes, turnBytes(metadata?.geometry.pieceLength ?? 0, config)));
  }

  #takeHeld(): readonly S[] {
    const held = [...this.#held].toSorted((a, b) => (isOlder(a, b) ? -1 : 1));
    this.#held.clear();
    return held;
  }

  #measure(isBusy: boolean): void {
    const { now } = this.#context;
    const { total } = this.#rate;
    const bytesPerSecond = ((total - this.#countedBytes) * 1000) / Math.max(1, now - this.#countedAt);
    if (isBusy && this.#wasBusy) this.#atOnce.carried(bytesPerSecond, this.#context.metadata?.have.isFull ?? false);
    this.#wasBusy = isBusy;
    this.#countedBytes = total;
    this.#countedAt = now;
  }

  /** Requests of enough older turns wait, and the host has enough to send. */
  #isFull(peer: S): boolean {
    const { now } = this.#context;
    let queuedBytes = 0;
    let olderWaiting = 0;
    for (const other of this.#served) {
      const { isIdle, waiting, aheadBytes, sendingSince } = other.requests;
      if (isIdle) this.#served.delete(other);
      if (aheadBytes > 0 && now - sendingSince >= stalledMs) continue;
      queuedBytes += aheadBytes;
      if (waiting > 0 && isOlder(other, peer)) olderWaiting++;
    }
    return queuedBytes >= Math.max(leastQueuedBytes, (queuedMs * this.#rate.perSecond(now)) / 1000) && olderWaiting >= this.#count;
  }
}

function isOlder(a: Served, b: Served): boolean {
  return a.turnBeganAt < b.turnBeganAt || (a.turnBeganAt === b.turnBeganAt && a.link < b.link);
}
