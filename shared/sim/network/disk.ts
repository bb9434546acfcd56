import { assert } from '../../assert.ts';
import type { PieceIndex } from '../../ids.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import type { Content } from '../core/content.ts';

const missing = 0;
const honest = 1;
const lie = 2;

/** Whether a piece is good; as in the browser its blocks are hashed where it is bad, or the torrent asks for that. */
export interface Verdict {
  readonly ok: boolean;
  /** One number a block, equal for equal blocks. */
  readonly blockHashes?: Float64Array;
}

/**
 * What one peer stores. A piece hashes correctly if and only if each of its blocks was written and is honest. A piece is in exactly
 * one state: absent, buffered, stored.
 */
export class Disk {
  readonly #geometry: Geometry;
  readonly #content: Content;
  readonly #capacityPieces: number;
  readonly #buffers = new Map<PieceIndex, Uint8Array>();
  readonly #stored: Uint8Array;
  #storedCount = 0;

  constructor(geometry: Geometry, content: Content, capacityPieces: number) {
    this.#geometry = geometry;
    this.#content = content;
    this.#capacityPieces = capacityPieces;
    this.#stored = new Uint8Array(geometry.pieceCount);
  }

  get storedCount(): number {
    return this.#storedCount;
  }

  get isComplete(): boolean {
    return this.#storedCount === this.#stored.length;
  }

  has(piece: PieceIndex): boolean {
    return this.#stored[piece] === 1;
  }

  /** BEP 3 bit order. */
  bitfield(): Uint8Array {
    const bits = new Uint8Array((this.#stored.length + 7) >> 3);
    this.#stored.forEach((stored, piece) => {
      if (stored === 1) bits[piece >> 3] = (bits[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
    });
    return bits;
  }

  fill(pieces: Iterable<PieceIndex>): void {
    for (const piece of pieces) this.store(piece);
  }

  /** Returns whether the block is honest. */
  write(piece: PieceIndex, begin: number, block: Uint8Array): boolean {
    assert(!this.has(piece), `no write to a stored piece (piece ${piece})`);
    const index = this.#geometry.blockIndex(begin);
    assert(
      index >= 0 && block.length === this.#geometry.block(piece, index).length,
      `only whole blocks are written (piece ${piece}, ${begin})`,
    );
    let blocks = this.#buffers.get(piece);
    if (blocks === undefined) this.#buffers.set(piece, (blocks = new Uint8Array(this.#geometry.blockCount(piece))));
    const isHonest = this.#content.isHonest(piece, begin, block);
    blocks[index] = isHonest ? honest : lie;
    return isHonest;
  }

  /** Hashes the buffer. A corrupt piece is dropped, a good one stays until `store`. */
  verify(piece: PieceIndex, hashBlocks: boolean): Verdict {
    const blocks = this.#buffers.get(piece);
    assert(blocks !== undefined && !blocks.includes(missing), `a piece is verified when every block was written (piece ${piece})`);
    const ok = !blocks.includes(lie);
    if (!ok) this.#buffers.delete(piece);
    return ok && !hashBlocks ? { ok } : { ok, blockHashes: new Float64Array(blocks) };
  }

  /** Makes the piece readable, from memory at first. Without room for it, the node calls `lose`. */
  store(piece: PieceIndex): void {
    this.#buffers.delete(piece);
    if (!this.has(piece)) this.#storedCount++;
    this.#stored[piece] = 1;
  }

  /** Holds more pieces than there is room for. */
  get isOverfull(): boolean {
    return this.#storedCount > this.#capacityPieces;
  }

  lose(piece: PieceIndex): void {
    if (this.has(piece)) this.#storedCount--;
    this.#stored[piece] = 0;
  }

  discard(piece: PieceIndex): void {
    this.#buffers.delete(piece);
  }

  /** The tab is gone: unfinished pieces are lost. */
  forgetBuffers(): void {
    this.#buffers.clear();
  }
}
