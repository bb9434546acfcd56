/**
 * Bytes in, messages out: the receiving side of the peer protocol (BEP 3), for any split and any coalescing of the stream. Over WebRTC
 * a channel message may hold several wire messages or a part of one: WebTorrent sends 13 bytes of header, then 16,384 of block.
 *
 * A message that lies wholly in a chunk is read in place; one that straddles chunks is put together in a reused buffer, a block's
 * bytes copied once. A block whose header alone straddles is read in place as well. Memory per message is bounded by its allowed length
 * (frame.ts) and allocated only as its bytes arrive.
 */
import { assert } from '../assert.ts';
import { blockBytes } from '../limits.ts';
import { frameBytes, messageId, pieceHeaderBytes, readFrame, readPiece } from './frame.ts';
import { handshakeBytes, readHandshake } from './handshake.ts';
import type { WireMessage } from './messages.ts';

const nothing = new Uint8Array(0);

/** A first buffer takes a common block with its header, so that it need not grow under one. */
const firstBufferBytes = pieceHeaderBytes + blockBytes;

/**
 * Use: `push(chunk)`, then `next()` until it returns null. Views in messages stay valid until the next `push`.
 * The first message is the handshake, except on a further connection, where there is none. After a
 * throw the decoder stays at the fault: close the link.
 */
export class Decoder {
  #chunk: Uint8Array = nothing;
  /** Where in the chunk the next unread byte is. */
  #at = 0;
  /** The first `#heldBytes` of it are the beginning of a message whose end has not come yet. */
  #held: Uint8Array = nothing;
  #heldBytes = 0;
  /** The previous buffer: messages still have views into it, so it is not reused before the next push. */
  #resting: Uint8Array = nothing;
  #handshakeDone: boolean;
  /** `null` while the number of pieces is not known. */
  #bitfieldBytes: number | null = null;

  constructor(handshakeDone = false) {
    this.#handshakeDone = handshakeDone;
  }

  /** From now on a bitfield must have exactly the size that `pieceCount` pieces need. */
  setPieceCount(pieceCount: number): void {
    this.#bitfieldBytes = (pieceCount + 7) >>> 3;
  }

  /** Takes over the chunk, which must not change until the next push. The chunk before must have been read to its end. */
  push(chunk: Uint8Array): void {
    assert(this.#at === this.#chunk.length, 'a chunk was pushed before next() had returned null');
    this.#chunk = chunk;
    this.#at = 0;
  }

  /**
   * The next message, or null when the chunk holds no further whole one.
   * @throws PeerFault `badHandshake` or `badLength`
   */
  next(): WireMessage | null {
    return this.#heldBytes === 0 ? this.#nextInPlace() : this.#nextAssembled();
  }

  #nextInPlace(): WireMessage | null {
    const chunk = this.#chunk;
    const at = this.#at;
    const have = chunk.length - at;
    if (have === 0) return this.#endOfChunk();
    const need = this.#neededBytes(chunk, at, have);
    if (have < need) {
      this.#hold(have, need);
      return this.#endOfChunk();
    }
    const message = this.#read(chunk, at, at + need);
    this.#at = at + need;
    return message;
  }

  #nextAssembled(): WireMessage | null {
    for (;;) {
      const need = this.#neededBytes(this.#held, 0, this.#heldBytes);
      const missing = need - this.#heldBytes;
      if (missing <= 0) return this.#readHeld(need);
      const have = this.#chunk.length - this.#at;
      if (have === 0) return this.#endOfChunk();
      if (missing <= have && this.#holdsPieceHeader()) return this.#readPieceInPlace(missing);
      // A header is completed before anything else is copied: the block after it may be read in place.
      const step = this.#heldBytes < pieceHeaderBytes ? Math.min(missing, pieceHeaderBytes - this.#heldBytes) : missing;
      this.#hold(Math.min(step, have), need);
    }
  }

  #neededBytes(bytes: Uint8Array, at: number, have: number): number {
    return this.#handshakeDone ? frameBytes(bytes, at, have, this.#bitfieldBytes) : handshakeBytes;
  }

  #read(bytes: Uint8Array, at: number, end: number): WireMessage {
    if (this.#handshakeDone) return readFrame(bytes, at, end);
    const handshake = readHandshake(bytes, at);
    this.#handshakeDone = true;
    return handshake;
  }

  /** The held message is whole. Its buffer rests; the tail of this chunk, if any, goes into the other one. */
  #readHeld(end: number): WireMessage {
    const whole = this.#held;
    const message = this.#read(whole, 0, end);
    this.#held = this.#resting;
    this.#resting = whole;
    this.#heldBytes = 0;
    return message;
  }

  /** Exactly the header, so that nothing of the block has been copied yet. */
  #holdsPieceHeader(): boolean {
    return this.#handshakeDone && this.#heldBytes === pieceHeaderBytes && this.#held[4] === messageId.piece;
  }

  #readPieceInPlace(lengthBytes: number): WireMessage {
    const end = this.#at + lengthBytes;
    const block = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    this.#heldBytes = 0;
    return readPiece(this.#held, 0, block);
  }

  /** Copies the next `count` bytes of the chunk behind what is held of a message of (as far as known) `need` bytes. */
  #hold(count: number, need: number): void {
    const heldBytes = this.#heldBytes + count;
    if (heldBytes > this.#held.length) this.#growHeld(heldBytes, need);
    this.#held.set(this.#chunk.subarray(this.#at, this.#at + count), this.#heldBytes);
    this.#heldBytes = heldBytes;
    this.#at += count;
  }

  /** Doubling keeps the copying linear, and a length that is only claimed allocates nothing beyond the first buffer. */
  #growHeld(atLeast: number, need: number): void {
    const doubled = Math.min(need, 2 * this.#held.length);
    const grown = new Uint8Array(Math.max(atLeast, doubled, firstBufferBytes));
    grown.set(this.#held.subarray(0, this.#heldBytes));
    this.#held = grown;
  }

  /** Lets the chunk go: an idle link must not keep 256 KiB alive for a tail of three bytes. */
  #endOfChunk(): null {
    this.#chunk = nothing;
    this.#at = 0;
    return null;
  }
}
