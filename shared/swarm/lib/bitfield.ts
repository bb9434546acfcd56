import { assert } from '../../assert.ts';
import { PeerFault } from '../../failure.ts';
import type { PieceIndex } from '../../ids.ts';

/** One bit a piece, the high bit of byte 0 first, spare bits zero (BEP 3 `bitfield`), with the count kept. */
export class Bitfield {
  readonly size: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  #count = 0;

  constructor(size: number) {
    this.size = size;
    this.bytes = new Uint8Array((size + 7) >> 3);
  }

  /** A copy of our own bytes (storage): a wrong length or spare bit is our bug. */
  static of(size: number, bytes: Uint8Array): Bitfield {
    const field = new Bitfield(size);
    assert(field.#take(bytes), 'a bitfield of ours fits its torrent');
    return field;
  }

  /** A copy of a peer's bytes. @throws PeerFault `badBitfield` for a wrong length or a spare bit that is set. */
  static fromPeer(size: number, bytes: Uint8Array): Bitfield {
    const field = new Bitfield(size);
    if (!field.#take(bytes)) throw new PeerFault('badBitfield', `${bytes.length} bytes for ${size} pieces`);
    return field;
  }

  static full(size: number): Bitfield {
    const field = new Bitfield(size);
    field.bytes.fill(0xff);
    if (size % 8 !== 0) field.bytes[field.bytes.length - 1] = (0xff << (8 - (size % 8))) & 0xff;
    field.#count = size;
    return field;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.size;
  }

  has(piece: PieceIndex): boolean {
    return (this.#byteOf(piece) & (0x80 >> (piece & 7))) !== 0;
  }

  /** False where it was set already. */
  set(piece: PieceIndex): boolean {
    if (this.has(piece)) return false;
    this.bytes[piece >> 3] = this.#byteOf(piece) | (0x80 >> (piece & 7));
    this.#count++;
    return true;
  }

  /** False where it was clear already. */
  clear(piece: PieceIndex): boolean {
    if (!this.has(piece)) return false;
    this.bytes[piece >> 3] = this.#byteOf(piece) & ~(0x80 >> (piece & 7));
    this.#count--;
    return true;
  }

  /** 0 beyond the end. */
  #byteOf(piece: PieceIndex): number {
    return this.bytes[piece >> 3] ?? 0;
  }

  #take(bytes: Uint8Array): boolean {
    if (bytes.length !== this.bytes.length) return false;
    this.bytes.set(bytes);
    const spareBits = this.bytes.length * 8 - this.size;
    if (spareBits > 0 && ((this.bytes.at(-1) ?? 0) & ((1 << spareBits) - 1)) !== 0) return false;
    let count = 0;
    for (const byte of bytes) count += onesIn(byte);
    this.#count = count;
    return true;
  }
}

/** The bits set in a byte, summed by pairs, by nibbles, then in all. */
function onesIn(byte: number): number {
  const pairs = byte - ((byte >> 1) & 0x55);
  const nibbles = (pairs & 0x33) + ((pairs >> 2) & 0x33);
  return (nibbles + (nibbles >> 4)) & 0x0f;
}
