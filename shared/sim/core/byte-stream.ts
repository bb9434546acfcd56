import { concatBytes } from '../../bytes.ts';
import type { Random } from '../../random.ts';
import { encode } from '../../wire/encoder.ts';
import type { WireMessage } from '../../wire/messages.ts';
import type { EventQueue, Task } from './event-queue.ts';
import { Fifo } from './fifo.ts';

/** Receives a chunk, and the messages whose last byte is in it. */
export type TakeChunk = (bytes: Uint8Array, whole: readonly WireMessage[]) => void;

/** Buffered bytes wait at most this long for more bytes. */
const flushMs = 20;

/**
 * One direction of a link as real bytes. Messages go through the real encoder and are split and joined at random places, because the
 * peer protocol must not depend on the message borders of a data channel.
 */
export class ByteStream implements Task {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #ends = new Fifo<{ at: number; message: WireMessage }>();
  #buffered: Uint8Array = new Uint8Array(0);
  #takenBytes = 0;
  #take: TakeChunk | null = null;

  constructor(queue: EventQueue, random: Random) {
    this.#queue = queue;
    this.#random = random;
  }

  arrived(messages: readonly WireMessage[], take: TakeChunk): void {
    this.#take = take;
    const parts = [this.#buffered];
    let at = this.#takenBytes + this.#buffered.length;
    for (const message of messages) {
      const bytes = encode(message);
      at += bytes.length;
      parts.push(bytes);
      this.#ends.push({ at, message });
    }
    this.#buffered = concatBytes(parts);
    for (let chunks = this.#random.below(4); chunks > 0; chunks--) this.#takeChunk(this.#random.below(this.#buffered.length + 1));
    if (this.#buffered.length > 0) this.#queue.add(this.#queue.now + 1 + this.#random.below(flushMs), this);
  }

  /** Delivers what waited long enough. */
  run(): void {
    while (this.#buffered.length > 0) this.#takeChunk(1 + this.#random.below(this.#buffered.length));
  }

  #takeChunk(length: number): void {
    if (length === 0) return;
    const chunk = this.#buffered.slice(0, length);
    this.#buffered = this.#buffered.subarray(length);
    this.#takenBytes += length;
    const whole: WireMessage[] = [];
    for (let next = this.#ends.peek(); next !== undefined && next.at <= this.#takenBytes; next = this.#ends.peek()) {
      whole.push(next.message);
      this.#ends.shift();
    }
    this.#take?.(chunk, whole);
  }
}
