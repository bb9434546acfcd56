import type { LinkId, Milliseconds } from '../../ids.ts';
import type { Random } from '../../random.ts';
import type { Agenda } from '../core/event-queue.ts';
import { End } from './link.ts';
import type { Node } from './node.ts';
import type { Tracker } from './tracker.ts';

/** How connections come about and how they carry. Pairs of times are ranges to draw from. */
export interface Transport {
  /** One way, drawn once a pair. */
  readonly delayMs: readonly [Milliseconds, Milliseconds];
  /** Offer, answer, ICE and DTLS through the tracker. */
  readonly setupMs: readonly [Milliseconds, Milliseconds];
  /** What one flow can carry at most (a long way with losses): bytes a second. */
  readonly flowBytesPerSecond: number;
  /** When the other side of a peer that died without a word is closed (ICE consent and `disconnected` take 5–30 s). */
  readonly lossMs: Milliseconds;
  /** A peer looks for more links below this number … */
  readonly targetLinks: number;
  /** … and accepts up to this (peer-protocol.md: 55 a torrent). */
  readonly maxLinks: number;
}

export const browserTransport: Transport = {
  delayMs: [10, 80],
  setupMs: [1000, 3000],
  flowBytesPerSecond: Infinity,
  lossMs: 15_000,
  targetLinks: 30,
  maxLinks: 55,
};

/** No set-up and no delay: what the algorithm loses, without what the transport loses. */
export const idealTransport: Transport = { ...browserTransport, delayMs: [0, 0], setupMs: [0, 0], lossMs: 0 };

/** A pair that was closed on purpose is not joined again before this time: seeds leave each other for good reason. */
const apartMs = 120_000;

/** Who is linked with whom: announces, sets links up, and closes the other side. */
export class Mesh {
  readonly #agenda: Agenda;
  readonly #tracker: Tracker;
  readonly #transport: Transport;
  readonly #random: Random;
  /** Pairs that are linked or being linked, and until when others stay apart: by both node indexes. */
  readonly #pairs = new Map<number, 'linked' | Milliseconds>();
  readonly #linkCounts: number[] = [];
  readonly #owners = new Map<End, Node>();
  #nextLink = 0;

  constructor(agenda: Agenda, tracker: Tracker, transport: Transport, random: Random) {
    this.#agenda = agenda;
    this.#tracker = tracker;
    this.#transport = transport;
    this.#random = random;
  }

  /** Announces now and then again, as long as this life of the node lasts. */
  announce(node: Node): void {
    const life = node.life;
    const again = { run: (): void => this.#announce(node, life, again) };
    again.run();
  }

  /** The node is gone. `suddenly`: the others learn it only when the network does. */
  left(node: Node, suddenly: boolean): void {
    this.#tracker.left(node);
    for (const end of node.ends.values()) {
      node.closed(end);
      this.#closeOther(end, suddenly ? this.#transport.lossMs : end.delayMs, false);
    }
  }

  /** This end was closed on purpose. */
  hungUp(end: End): void {
    this.#closeOther(end, end.delayMs, true);
  }

  #announce(node: Node, life: number, again: { run(): void }): void {
    if (!node.alive || node.life !== life) return;
    const { announceMs, retryMs } = this.#tracker.config;
    const isUp = this.#tracker.isUp(this.#agenda.now);
    if (isUp) for (const other of this.#tracker.announce(node)) this.#introduce(node, other);
    this.#agenda.add(this.#agenda.now + (isUp ? announceMs : retryMs), again);
  }

  #introduce(node: Node, other: Node): void {
    const { targetLinks, maxLinks } = this.#transport;
    const isWelcome = this.#countOf(node) < targetLinks && this.#countOf(other) < maxLinks;
    if (!isWelcome || !other.alive || this.#areApart(node, other)) return;
    this.#setPair(node, other, 'linked');
    const lives = [node.life, other.life];
    const connect = (): void => {
      if (node.alive && other.alive && node.life === lives[0] && other.life === lives[1]) this.#connect(node, other);
      else this.#setPair(node, other, 0);
    };
    this.#agenda.add(this.#agenda.now + this.#draw(this.#transport.setupMs), { run: connect });
  }

  #connect(from: Node, to: Node): void {
    const delayMs = this.#draw(this.#transport.delayMs);
    const cap = this.#transport.flowBytesPerSecond;
    const a = new End(from, this.#nextLink++ as LinkId, true, delayMs, cap);
    const b = new End(to, this.#nextLink++ as LinkId, false, delayMs, cap);
    End.join(a, b);
    this.#owners.set(a, from);
    this.#owners.set(b, to);
    to.opened(b);
    from.opened(a);
  }

  #closeOther(end: End, afterMs: Milliseconds, onPurpose: boolean): void {
    const { other } = end;
    const [node, neighbour] = [this.#owners.get(end)!, this.#owners.get(other)!];
    const close = (): void => {
      if (!this.#owners.delete(end)) return;
      this.#owners.delete(other);
      this.#setPair(node, neighbour, onPurpose ? this.#agenda.now + apartMs : 0);
      if (other.open) neighbour.closed(other);
    };
    this.#agenda.add(this.#agenda.now + afterMs, { run: close });
  }

  #areApart(a: Node, b: Node): boolean {
    if (a.banned.has(b.config.identity.peerId) || b.banned.has(a.config.identity.peerId)) return true;
    const pair = this.#pairs.get(this.#key(a, b));
    return pair === 'linked' || (pair !== undefined && pair > this.#agenda.now);
  }

  #setPair(a: Node, b: Node, standing: 'linked' | Milliseconds): void {
    const key = this.#key(a, b);
    const change = Number(standing === 'linked') - Number(this.#pairs.get(key) === 'linked');
    for (const node of [a, b]) this.#linkCounts[node.index] = this.#countOf(node) + change;
    this.#pairs.set(key, standing);
  }

  #countOf(node: Node): number {
    return this.#linkCounts[node.index] ?? 0;
  }

  /** One number for a pair, whatever its order; 2^20 nodes are more than any run has. */
  #key(a: Node, b: Node): number {
    return Math.min(a.index, b.index) * 2 ** 20 + Math.max(a.index, b.index);
  }

  #draw([least, most]: readonly [Milliseconds, Milliseconds]): Milliseconds {
    return least + this.#random.below(Math.floor(most - least) + 1);
  }
}
