import type { LinkId, Milliseconds } from '../../ids.ts';
import type { WireMessage } from '../../wire/messages.ts';
import type { Agenda, Task } from '../core/event-queue.ts';
import { Fifo } from '../core/fifo.ts';

/**
 * Links like a data channel: ordered and reliable. The model costs O(1) a message:
 *
 * - A peer's uplink sends one block at a time and takes the next from the link whose turn it is (round robin), so links that have
 *   something to send share it fairly. A capped link takes no turn before its last block would have passed at the cap.
 * - A block then travels for the delay of its link and queues at the receiver's downlink, which takes blocks in the order they
 *   arrive: senders share it in proportion to what they send, as TCP flows in one bottleneck queue do.
 * - Control messages of one turn travel together for the delay and wait in no queue: they are 0.3 % of the bytes, and the contract
 *   lets them pass queued blocks.
 */
export type PieceMessage = Extract<WireMessage, { type: 'piece' }>;

/** Who owns one side of a connection: asked for nothing but to take what comes. */
export interface Owner {
  readonly uplink: Uplink;
  readonly downlink: Downlink;
  readonly isHonest: boolean;
  arrived(end: End, messages: readonly WireMessage[], payloadBytes: number): void;
  drained(end: End, bytes: number): void;
}

/** One side of a connection, and the queue of what it sends. */
export class End {
  readonly owner: Owner;
  readonly link: LinkId;
  readonly initiator: boolean;
  readonly delayMs: Milliseconds;
  readonly capBytesPerSecond: number;
  open = true;
  /** In its uplink's ring, or waiting for its cap. */
  waiting = false;
  /** When its cap allows the next block. */
  notBeforeMs: Milliseconds = 0;
  readonly blocks = new Fifo<PieceMessage>();
  control: WireMessage[] = [];
  /** Payload bytes on the wire from here: left the uplink, not yet at the other side. */
  onWayBytes = 0;
  sentBytes = 0;
  receivedBytes = 0;
  /** Left the uplink, never delivered: the other side was closed. */
  lostBytes = 0;
  #other: End | null = null;

  constructor(owner: Owner, link: LinkId, initiator: boolean, delayMs: Milliseconds, capBytesPerSecond: number) {
    this.owner = owner;
    this.link = link;
    this.initiator = initiator;
    this.delayMs = delayMs;
    this.capBytesPerSecond = capBytesPerSecond;
  }

  get other(): End {
    if (this.#other === null) throw new Error('an end is joined before it is used');
    return this.#other;
  }

  static join(a: End, b: End): void {
    a.#other = b;
    b.#other = a;
  }

  /** What was queued and not sent is gone, as with a closed data channel. */
  close(): void {
    this.open = false;
    this.blocks.clear();
    this.control = [];
  }
}

/** A block or some control messages on their way. */
class Packet implements Task {
  readonly #agenda: Agenda;
  readonly #from: End;
  readonly #messages: readonly WireMessage[];
  readonly #payloadBytes: number;
  #atDownlink = false;

  constructor(agenda: Agenda, from: End, messages: readonly WireMessage[], payloadBytes: number) {
    this.#agenda = agenda;
    this.#from = from;
    this.#messages = messages;
    this.#payloadBytes = payloadBytes;
  }

  run(): void {
    if (!this.#atDownlink && this.#payloadBytes > 0) {
      this.#atDownlink = true;
      const readyAt = this.#from.other.owner.downlink.reserve(this.#agenda.now, this.#payloadBytes);
      if (readyAt > this.#agenda.now) return this.#agenda.add(readyAt, this);
    }
    this.#deliver();
  }

  #deliver(): void {
    const from = this.#from;
    const to = from.other;
    from.onWayBytes -= this.#payloadBytes;
    if (!to.open) {
      from.lostBytes += this.#payloadBytes;
      return;
    }
    to.receivedBytes += this.#payloadBytes;
    to.owner.arrived(to, this.#messages, this.#payloadBytes);
  }
}

/** Sends one block at a time, round robin among the links that have any. */
export class Uplink implements Task {
  readonly bytesPerSecond: number;
  readonly #agenda: Agenda;
  readonly #ring = new Fifo<End>();
  #sender: End | null = null;
  #sending: PieceMessage | null = null;
  /** Time spent sending, for the share of the uplink that was used. */
  busyMs: Milliseconds = 0;

  constructor(agenda: Agenda, bytesPerSecond: number) {
    this.#agenda = agenda;
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Called when a turn's messages of a link are queued: control leaves at once, blocks wait for their turn. */
  offer(end: End): void {
    if (end.control.length > 0) {
      this.#agenda.add(this.#agenda.now + end.delayMs, new Packet(this.#agenda, end, end.control, 0));
      end.control = [];
    }
    if (end.blocks.length > 0) this.admit(end);
  }

  /** Gives the link a place in the ring, now or when its cap allows. */
  admit(end: End): void {
    if (end.waiting) return;
    end.waiting = true;
    if (end.notBeforeMs > this.#agenda.now) this.#agenda.add(end.notBeforeMs, { run: () => this.#enter(end) });
    else this.#enter(end);
  }

  /** The block that was being sent has left. */
  run(): void {
    const end = this.#sender!;
    const block = this.#sending!;
    this.#sender = null;
    this.#sending = null;
    if (end.open) this.#left(end, block);
    this.#sendNext();
  }

  #left(end: End, block: PieceMessage): void {
    const bytes = block.block.length;
    end.sentBytes += bytes;
    end.onWayBytes += bytes;
    this.#agenda.add(this.#agenda.now + end.delayMs, new Packet(this.#agenda, end, [block], bytes));
    end.notBeforeMs = this.#agenda.now + (1000 * bytes) / end.capBytesPerSecond - (1000 * bytes) / this.bytesPerSecond;
    if (end.blocks.length > 0) this.admit(end);
    end.owner.drained(end, bytes);
  }

  #enter(end: End): void {
    this.#ring.push(end);
    this.#sendNext();
  }

  #sendNext(): void {
    if (this.#sender !== null) return;
    for (let end = this.#ring.shift(); end !== undefined; end = this.#ring.shift()) {
      end.waiting = false;
      const block = end.blocks.shift();
      if (block === undefined) continue;
      const ms = (1000 * block.block.length) / this.bytesPerSecond;
      this.#sender = end;
      this.#sending = block;
      this.busyMs += ms;
      return this.#agenda.add(this.#agenda.now + ms, this);
    }
  }
}

/** Takes blocks in the order they arrive, at its rate. */
export class Downlink {
  readonly bytesPerSecond: number;
  #freeAt: Milliseconds = 0;

  constructor(bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** When a block that is here `now` has passed. */
  reserve(now: Milliseconds, bytes: number): Milliseconds {
    this.#freeAt = Math.max(now, this.#freeAt) + (1000 * bytes) / this.bytesPerSecond;
    return this.#freeAt;
  }
}
