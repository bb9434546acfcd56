import { present } from '../../assert.ts';
import { introductionKey, type LinkId, type Milliseconds } from '../../ids.ts';
import type { Random } from '../../random.ts';
import type { EventQueue } from '../core/event-queue.ts';
import { LinkEnd } from './link.ts';
import type { Node } from './node.ts';
import type { Tracker } from './tracker.ts';

/** How connections are made and what they carry. Pairs of times are ranges of random values. */
export interface Transport {
  /** One way, random per connection. */
  readonly delayMs: readonly [Milliseconds, Milliseconds];
  /** Offer, answer, ICE and DTLS through the tracker. */
  readonly setupMs: readonly [Milliseconds, Milliseconds];
  /** Most bytes per second of one flow (a long path with losses). */
  readonly flowBytesPerSecond: number;
  /** When the other ends of a suddenly dead peer close (ICE consent and `disconnected` take 5–30 s). */
  readonly lossMs: Milliseconds;
  /** A peer looks for more links below this number; idle ones do not count. */
  readonly targetLinks: number;
  /** A peer accepts links up to this number. */
  readonly maxLinks: number;
  /**
   * Blocks of one link that leave and arrive together, at most. Default: each alone. Four are a message of a data channel, and half as many
   * events in large swarms; where many peers give blocks of one piece, fewer different pieces are under way then.
   */
  readonly burstBlocks?: number;
  /** Default: all paths alike. */
  readonly clusters?: Clusters;
}

/** Peers near each other, and far from the others: peer n belongs to cluster n modulo `count`. */
export interface Clusters {
  readonly count: number;
  /** Between two clusters, instead of the transport's own. */
  readonly delayMs: readonly [Milliseconds, Milliseconds];
  readonly flowBytesPerSecond: number;
}

export const browserTransport: Transport = {
  delayMs: [10, 80],
  setupMs: [1000, 3000],
  flowBytesPerSecond: Infinity,
  lossMs: 15_000,
  targetLinks: 30,
  maxLinks: 55,
};

/** No set-up and no delay: shows what the algorithm loses, without what the transport loses. */
export const idealTransport: Transport = { ...browserTransport, delayMs: [0, 0], setupMs: [0, 0], lossMs: 0 };

/** A pair that one side closed on purpose does not reconnect before this time, because seeds disconnect each other for a reason. */
const reconnectPauseMs = 120_000;

/** As in the browser's engine: a link that carried no block for so long is idle, and a peer looks for others beside it. */
const idleMs = 60_000;

/** Knows who is connected to whom: announces, sets up links, and closes the other end. */
export class Mesh {
  readonly #queue: EventQueue;
  readonly #tracker: Tracker;
  readonly #transport: Transport;
  readonly #random: Random;
  /** By both node indexes: pairs that are connected or connecting, or the time before which they may not reconnect. */
  readonly #pairs = new Map<number, 'linked' | Milliseconds>();
  readonly #linkCounts: number[] = [];
  readonly #owners = new Map<LinkEnd, Node>();
  #nextLink = 0;

  constructor(queue: EventQueue, tracker: Tracker, transport: Transport, random: Random) {
    this.#queue = queue;
    this.#tracker = tracker;
    this.#transport = transport;
    this.#random = random;
  }

  /** Announces now and periodically, as long as this life of the node lasts. */
  announce(node: Node): void {
    const life = node.life;
    const again = { run: (): void => this.#announce(node, life, again) };
    again.run();
  }

  /** The node is gone. `suddenly`: its peers notice only after `lossMs`. */
  left(node: Node, suddenly: boolean): void {
    this.#tracker.left(node);
    for (const end of node.ends.values()) {
      node.closed(end);
      this.#closeOther(end, suddenly ? this.#transport.lossMs : end.delayMs, false);
    }
  }

  /** The node closed this end on purpose. */
  closedByNode(end: LinkEnd): void {
    this.#closeOther(end, end.delayMs, true);
  }

  #announce(node: Node, life: number, again: { run(): void }): void {
    if (!node.alive || node.life !== life) return;
    const { announceMs, retryMs } = this.#tracker.config;
    const isUp = this.#tracker.isUp(this.#queue.now);
    if (isUp) for (const other of this.#tracker.announce(node)) this.#introduce(node, other);
    this.#queue.add(this.#queue.now + (isUp ? announceMs : retryMs), again);
  }

  #introduce(node: Node, other: Node): void {
    const { targetLinks, maxLinks } = this.#transport;
    const hasRoom = this.#usefulLinksOf(node) < targetLinks && this.#countOf(node) < maxLinks && this.#countOf(other) < maxLinks;
    if (!hasRoom || !other.alive || this.#mustStayApart(node, other)) return;
    this.#setPair(node, other, 'linked');
    const lives = [node.life, other.life];
    const connect = (): void => {
      if (node.alive && other.alive && node.life === lives[0] && other.life === lives[1]) this.#connect(node, other);
      else this.#setPair(node, other, 0);
    };
    this.#queue.add(this.#queue.now + this.#randomOf(this.#transport.setupMs), { run: connect });
  }

  #connect(from: Node, to: Node): void {
    const path = this.#pathBetween(from, to);
    const delayMs = this.#randomOf(path.delayMs);
    const cap = path.flowBytesPerSecond;
    const a = new LinkEnd(from, this.#nextLink++ as LinkId, true, delayMs, cap);
    const b = new LinkEnd(to, this.#nextLink++ as LinkId, false, delayMs, cap);
    LinkEnd.join(a, b);
    a.usefulAtMs = b.usefulAtMs = this.#queue.now;
    this.#owners.set(a, from);
    this.#owners.set(b, to);
    to.opened(b);
    from.opened(a);
  }

  #pathBetween(from: Node, to: Node): Pick<Clusters, 'delayMs' | 'flowBytesPerSecond'> {
    const { clusters } = this.#transport;
    const isFar = clusters !== undefined && from.index % clusters.count !== to.index % clusters.count;
    return isFar ? clusters : this.#transport;
  }

  #closeOther(end: LinkEnd, afterMs: Milliseconds, onPurpose: boolean): void {
    const { other } = end;
    const [node, neighbour] = [this.#ownerOf(end), this.#ownerOf(other)];
    const close = (): void => {
      if (!this.#owners.delete(end)) return;
      this.#owners.delete(other);
      this.#setPair(node, neighbour, onPurpose ? this.#queue.now + reconnectPauseMs : 0);
      if (other.open) neighbour.closed(other);
    };
    this.#queue.add(this.#queue.now + afterMs, { run: close });
  }

  #ownerOf(end: LinkEnd): Node {
    return present(this.#owners.get(end), 'an end belongs to a node while its connection lasts');
  }

  #mustStayApart(a: Node, b: Node): boolean {
    if (a.banned.has(introductionKey(b.introduction)) || b.banned.has(introductionKey(a.introduction))) return true;
    const pair = this.#pairs.get(this.#key(a, b));
    return pair === 'linked' || (pair !== undefined && pair > this.#queue.now);
  }

  #setPair(a: Node, b: Node, state: 'linked' | Milliseconds): void {
    const key = this.#key(a, b);
    const change = Number(state === 'linked') - Number(this.#pairs.get(key) === 'linked');
    for (const node of [a, b]) this.#linkCounts[node.index] = this.#countOf(node) + change;
    this.#pairs.set(key, state);
  }

  /** Connected or connecting, idle links left out. */
  #usefulLinksOf(node: Node): number {
    let count = this.#countOf(node);
    for (const end of node.ends.values()) if (this.#queue.now - end.usefulAtMs >= idleMs) count--;
    return count;
  }

  #countOf(node: Node): number {
    return this.#linkCounts[node.index] ?? 0;
  }

  /** One number per pair, in either order. No run has 2^20 nodes. */
  #key(a: Node, b: Node): number {
    return Math.min(a.index, b.index) * 2 ** 20 + Math.max(a.index, b.index);
  }

  #randomOf([least, most]: readonly [Milliseconds, Milliseconds]): Milliseconds {
    return least + this.#random.below(Math.floor(most - least) + 1);
  }
}
