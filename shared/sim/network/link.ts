import { present } from '../../assert.ts';
import { blockBytes } from '../../limits.ts';
import type { Introduction, LinkId, Milliseconds } from '../../ids.ts';
import type { WireMessage } from '../../wire/messages.ts';
import type { EventQueue, Task } from '../core/event-queue.ts';
import { Fifo } from '../core/fifo.ts';

/** A burst takes no longer than this on the slowest part of its path. */
const burstMs: Milliseconds = 1000 / 16;

/** What may be on its way to a peer, in time at its downlink: the queue of a home router and more. */
const mostBacklogMs: Milliseconds = 2000;

/**
 * Links like a data channel: ordered and reliable. The model costs O(1) per message:
 *
 * - A peer's uplink sends one block at a time, or a burst of some, round robin among its links, so links that have something to send share it fairly. A
 *   capped link is skipped until its last blocks would have passed at the cap.
 * - A block then travels for the delay of its link and queues at the receiver's downlink, which takes blocks in order of arrival.
 *   Senders share it in proportion to what they send, like TCP flows in one bottleneck queue. A full queue holds them back, as congestion
 *   control does: what nobody asked for would else delay everything else for minutes.
 * - Control messages of one turn travel together for the delay and never queue: they are 0.3 % of the bytes, and the host contract
 *   lets them overtake queued blocks.
 */
export type PieceMessage = Extract<WireMessage, { type: 'piece' }>;

/** What a link needs from the peer at its end. */
export interface LinkOwner {
  readonly uplink: Uplink;
  readonly downlink: Downlink;
  readonly isHonest: boolean;
  /** As the tracker introduces it. */
  readonly introduction: Introduction;
  arrived(end: LinkEnd, messages: readonly WireMessage[], payloadBytes: number): void;
  drained(end: LinkEnd, blocks: number, bytes: number): void;
}

/** One end of a connection, and the queue of what it sends. */
export class LinkEnd {
  readonly owner: LinkOwner;
  readonly link: LinkId;
  readonly initiator: boolean;
  readonly delayMs: Milliseconds;
  readonly capBytesPerSecond: number;
  open = true;
  /** In its uplink's ring, or waiting for its cap. */
  isQueued = false;
  /** Earliest time of the next block, by the cap or a stall. */
  readyAtMs: Milliseconds = 0;
  readonly blocks = new Fifo<PieceMessage>();
  /** What the reads of these blocks, and of those that leave now, hold in memory: bytes of each. */
  readonly heldReads = new Fifo<number>();
  /** `null`: none. Most turns send one, and a list that grows has room for sixteen. */
  control: WireMessage[] | null = null;
  /** Payload bytes that left the uplink and have not arrived at the other end. */
  inTransitBytes = 0;
  sentBytes = 0;
  receivedBytes = 0;
  /** When it last carried a block in either direction, at first when it opened. */
  usefulAtMs: Milliseconds = 0;
  /** Left the uplink and were never delivered, because the other end was closed. */
  lostBytes = 0;
  #other: LinkEnd | null = null;

  constructor(owner: LinkOwner, link: LinkId, initiator: boolean, delayMs: Milliseconds, capBytesPerSecond: number) {
    this.owner = owner;
    this.link = link;
    this.initiator = initiator;
    this.delayMs = delayMs;
    this.capBytesPerSecond = capBytesPerSecond;
  }

  get other(): LinkEnd {
    if (this.#other === null) throw new Error('join an end before using it');
    return this.#other;
  }

  /** The first so many blocks need their reads no more: returns the bytes that these held. */
  takeHeldReads(blocks: number): number {
    let bytes = 0;
    for (let left = blocks; left > 0; left--) bytes += this.heldReads.shift() ?? 0;
    return bytes;
  }

  static join(a: LinkEnd, b: LinkEnd): void {
    a.#other = b;
    b.#other = a;
  }

  /** Drops what was queued and not sent, like a closed data channel. */
  close(): void {
    this.open = false;
    this.blocks.clear();
    this.control = null;
  }
}

/** Some blocks, or the control messages of a turn, in transit. */
class Packet implements Task {
  readonly #queue: EventQueue;
  readonly #from: LinkEnd;
  readonly #messages: readonly WireMessage[];
  readonly #payloadBytes: number;
  #atDownlink = false;

  constructor(queue: EventQueue, from: LinkEnd, messages: readonly WireMessage[], payloadBytes: number) {
    this.#queue = queue;
    this.#from = from;
    this.#messages = messages;
    this.#payloadBytes = payloadBytes;
  }

  run(): void {
    if (!this.#atDownlink && this.#payloadBytes > 0) {
      this.#atDownlink = true;
      const readyAt = this.#from.other.owner.downlink.arrive(this.#queue.now, this.#payloadBytes);
      if (readyAt > this.#queue.now) return this.#queue.add(readyAt, this);
    }
    this.#deliver();
  }

  #deliver(): void {
    const from = this.#from;
    const to = from.other;
    from.inTransitBytes -= this.#payloadBytes;
    if (!to.open) {
      from.lostBytes += this.#payloadBytes;
      return;
    }
    to.receivedBytes += this.#payloadBytes;
    if (this.#payloadBytes > 0) from.usefulAtMs = to.usefulAtMs = this.#queue.now;
    to.owner.arrived(to, this.#messages, this.#payloadBytes);
  }
}

/** Sends a burst of blocks at a time, round robin among the links that have some. */
export class Uplink implements Task {
  readonly bytesPerSecond: number;
  readonly #burstBlocks: number;
  readonly #queue: EventQueue;
  readonly #ring = new Fifo<LinkEnd>();
  /** Whose blocks are leaving, and which. */
  #sender: LinkEnd | null = null;
  #burst: readonly PieceMessage[] = [];
  #burstBytes = 0;
  /** Time spent sending. */
  busyMs: Milliseconds = 0;

  /** `burstBlocks`: of one link that leave together, at most. */
  constructor(queue: EventQueue, bytesPerSecond: number, burstBlocks = 1) {
    this.#queue = queue;
    this.bytesPerSecond = bytesPerSecond;
    this.#burstBlocks = burstBlocks;
  }

  /** Sends what a turn queued on a link: control messages at once, blocks round robin. */
  flush(end: LinkEnd): void {
    if (end.control !== null) {
      this.#queue.add(this.#queue.now + end.delayMs, new Packet(this.#queue, end, end.control, 0));
      end.control = null;
    }
    if (end.blocks.length > 0) this.#enqueue(end);
  }

  /** Adds the link to the ring, now or when its cap allows. */
  #enqueue(end: LinkEnd): void {
    if (end.isQueued) return;
    end.isQueued = true;
    if (end.readyAtMs > this.#queue.now) this.#queue.add(end.readyAtMs, { run: () => this.#enter(end) });
    else this.#enter(end);
  }

  /** The current blocks have left. */
  run(): void {
    const end = present(this.#sender, 'blocks that leave were being sent');
    this.#sender = null;
    if (end.open) this.#left(end, this.#burst, this.#burstBytes);
    this.#sendNext();
  }

  #left(end: LinkEnd, burst: readonly PieceMessage[], bytes: number): void {
    end.sentBytes += bytes;
    end.inTransitBytes += bytes;
    end.other.owner.downlink.expect(bytes);
    this.#queue.add(this.#queue.now + end.delayMs, new Packet(this.#queue, end, burst, bytes));
    end.readyAtMs = Math.max(
      end.readyAtMs,
      this.#queue.now + (1000 * bytes) / end.capBytesPerSecond - (1000 * bytes) / this.bytesPerSecond,
    );
    if (end.blocks.length > 0) this.#enqueue(end);
    end.owner.drained(end, burst.length, bytes);
  }

  #enter(end: LinkEnd): void {
    this.#ring.push(end);
    this.#sendNext();
  }

  #sendNext(): void {
    if (this.#sender !== null) return;
    for (let end = this.#ring.shift(); end !== undefined; end = this.#ring.shift()) {
      end.isQueued = false;
      if (this.#isHeldBack(end)) continue;
      if (end.blocks.length > 0) return this.#send(end);
    }
  }

  #send(end: LinkEnd): void {
    this.#sender = end;
    this.#burst = this.#nextOf(end);
    this.#burstBytes = this.#burst.reduce((sum, { block }) => sum + block.length, 0);
    const ms = (1000 * this.#burstBytes) / this.bytesPerSecond;
    this.busyMs += ms;
    this.#queue.add(this.#queue.now + ms, this);
  }

  #nextOf(end: LinkEnd): PieceMessage[] {
    const slowest = Math.min(this.bytesPerSecond, end.capBytesPerSecond, end.other.owner.downlink.bytesPerSecond);
    const most = Math.min(this.#burstBlocks, Math.floor((slowest * burstMs) / 1000 / blockBytes));
    const burst: PieceMessage[] = [];
    do {
      const block = end.blocks.shift();
      if (block !== undefined) burst.push(block);
    } while (burst.length < most && end.blocks.length > 0);
    return burst;
  }

  /** The receiver's queue is full: the link waits until half of it has passed. */
  #isHeldBack(end: LinkEnd): boolean {
    const backlogMs = end.other.owner.downlink.backlogMs(this.#queue.now);
    if (backlogMs <= mostBacklogMs || end.blocks.length === 0) return false;
    end.readyAtMs = Math.max(end.readyAtMs, this.#queue.now + backlogMs - mostBacklogMs / 2);
    this.#enqueue(end);
    return true;
  }
}

/** Takes blocks in order of arrival, at its rate. */
export class Downlink {
  readonly bytesPerSecond: number;
  #freeAt: Milliseconds = 0;
  /** Sent to it, not arrived yet. */
  #expectedBytes = 0;

  constructor(bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond;
  }

  expect(bytes: number): void {
    this.#expectedBytes += bytes;
  }

  /** How long what is queued here or on its way takes to pass. */
  backlogMs(now: Milliseconds): Milliseconds {
    return Math.max(0, this.#freeAt - now) + (1000 * this.#expectedBytes) / this.bytesPerSecond;
  }

  /** An expected block is here: when it has passed. */
  arrive(now: Milliseconds, bytes: number): Milliseconds {
    this.#expectedBytes -= bytes;
    this.#freeAt = Math.max(now, this.#freeAt) + (1000 * bytes) / this.bytesPerSecond;
    return this.#freeAt;
  }
}
