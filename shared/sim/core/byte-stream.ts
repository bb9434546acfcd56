import { concatBytes } from '../../bytes.ts';
import type { Random } from '../../random.ts';
import { encode } from '../../wire/encoder.ts';
import type { WireMessage } from '../../wire/messages.ts';
import type { Agenda, Task } from './event-queue.ts';
import { Fifo } from './fifo.ts';

/** Takes a chunk, and the messages whose last byte is in it. */
export type TakeChunk = (bytes: Uint8Array, whole: readonly WireMessage[]) => void;

/** A rest of the stream waits at most so long for more bytes. */
const restMs = 20;

/**
 * One direction of a link as real bytes: messages go through the real encoder and are cut and joined at random places, because a data
 * channel keeps no borders that the peer protocol may rest on.
 */
export class ByteStream implements Task {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #ends = new Fifo<{ at: number; message: WireMessage }>();
  #rest: Uint8Array = new Uint8Array(0);
  #takenBytes = 0;
  #take: TakeChunk | null = null;

  constructor(agenda: Agenda, random: Random) {
    this.#agenda = agenda;
    this.#random = random;
  }

  arrived(messages: readonly WireMessage[], take: TakeChunk): void {
    this.#take = take;
    const parts = [this.#rest];
    let at = this.#takenBytes + this.#rest.length;
    for (const message of messages) {
      const bytes = encode(message);
      at += bytes.length;
      parts.push(bytes);
      this.#ends.push({ at, message });
    }
    this.#rest = concatBytes(parts);
    for (let chunks = this.#random.below(4); chunks > 0; chunks--) this.#takeChunk(this.#random.below(this.#rest.length + 1));
    if (this.#rest.length > 0) this.#agenda.add(this.#agenda.now + 1 + this.#random.below(restMs), this);
  }

  /** The rest has waited long enough. */
  run(): void {
    while (this.#rest.length > 0) this.#takeChunk(1 + this.#random.below(this.#rest.length));
  }

  #takeChunk(length: number): void {
    if (length === 0) return;
    const chunk = this.#rest.slice(0, length);
    this.#rest = this.#rest.subarray(length);
    this.#takenBytes += length;
    const whole: WireMessage[] = [];
    for (let next = this.#ends.peek(); next !== undefined && next.at <= this.#takenBytes; next = this.#ends.peek()) {
      whole.push(next.message);
      this.#ends.shift();
    }
    this.#take?.(chunk, whole);
  }
}
