import { assert } from '../../../assert.ts';
import type { BlockRef, Milliseconds } from '../../../ids.ts';
import { blockBytes, maxPieceBytes } from '../../../limits.ts';

/** So many places of the line may be empty, and as many again as requests wait: then it is written anew. */
const mostEmpty = 64;

/**
 * The requests of one peer, in the order they came. A request is in exactly one state: waiting (here), handed to the host (counted in
 * `aheadBytes` until the host says it drained), gone.
 */
export class RequestQueue {
  readonly #waiting = new Map<RequestKey, BlockRef>();
  /**
   * Those that wait, in order, from `#first` on, and some that are gone. The first of a Map is found only after the holes of all that were
   * deleted before it.
   */
  #line: BlockRef[] = [];
  #first = 0;
  /** Blocks that we push: the peer requested none of them. Waiting, or with the host. */
  #pushed: Set<RequestKey> | null = null;
  #aheadBytes = 0;
  #sendingSince: Milliseconds = 0;
  #blockMs: Milliseconds = 0;
  /** The piece that was handed out last, −1: none. */
  #lastPiece = -1;

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Nothing waits and the host has nothing of it. */
  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#aheadBytes === 0;
  }

  /** The next request, if there is one, is for another piece than the last that was handed out. */
  get isBetweenPieces(): boolean {
    return this.#waiting.size === 0 || this.#front().piece !== this.#lastPiece;
  }

  get aheadBytes(): number {
    return this.#aheadBytes;
  }

  /** When the host began with the block that it sends now, or sent last. */
  get sendingSince(): Milliseconds {
    return this.#sendingSince;
  }

  /** How long the last block took to leave the host's queue; 0 before the first. */
  get blockMs(): Milliseconds {
    return this.#blockMs;
  }

  /** A request that is waiting already is not queued again. */
  add(request: BlockRef): void {
    const key = keyOf(request);
    this.#pushed?.delete(key);
    if (!this.#waiting.has(key)) this.#queue(key, request);
  }

  /** Queues a block that the peer did not request; one that it did request stays a request. */
  push(block: BlockRef): void {
    const key = keyOf(block);
    if (this.#waiting.has(key)) return;
    this.#queue(key, block);
    (this.#pushed ??= new Set()).add(key);
  }

  #queue(key: RequestKey, block: BlockRef): void {
    this.#waiting.set(key, block);
    this.#line.push(block);
    if (this.#line.length > 2 * this.#waiting.size + mostEmpty) this.#rewrite();
  }

  isPushed(block: BlockRef): boolean {
    return this.#pushed?.has(keyOf(block)) === true;
  }

  /** Takes out the waiting blocks of a piece that nobody requested; false where there are none. */
  withdraw(piece: number): boolean {
    const before = this.#waiting.size;
    for (const [key, block] of this.#waiting) {
      if (block.piece === piece && this.#pushed?.has(key) === true) this.#waiting.delete(key);
    }
    return this.#waiting.size < before;
  }

  /** Nothing of what was pushed waits or is with the host. */
  forgetPushed(): void {
    this.#pushed = null;
  }

  /** False where it was not waiting (served already, or never asked). */
  cancel(request: BlockRef): boolean {
    return this.#waiting.delete(keyOf(request));
  }

  /** The request that waits longest, if there is one. */
  get front(): BlockRef | null {
    return this.#waiting.size === 0 ? null : this.#front();
  }

  /** The next request to hand to the host; `null` when none waits or the host has `aheadBytes` or more. */
  next(aheadBytes: number): BlockRef | null {
    return this.#aheadBytes >= aheadBytes || this.#waiting.size === 0 ? null : this.#front();
  }

  handOut(now: Milliseconds, request: BlockRef): void {
    this.#waiting.delete(keyOf(request));
    if (this.#waiting.size === 0) this.#forgetLine();
    if (this.#aheadBytes === 0) this.#sendingSince = now;
    this.#aheadBytes += request.length;
    this.#lastPiece = request.piece;
  }

  drained(now: Milliseconds, bytes: number): void {
    this.#blockMs = ((now - this.#sendingSince) * blockBytes) / bytes;
    this.#sendingSince = now;
    this.#aheadBytes = Math.max(0, this.#aheadBytes - bytes);
  }

  /** Takes out every waiting request (a CHOKE says nothing of what is pushed, and its receiver waits for it), or all blocks of one piece. */
  clear(piece?: number): BlockRef[] {
    const cleared: BlockRef[] = [];
    for (const [key, request] of this.#waiting) {
      if (piece === undefined ? this.#pushed?.has(key) === true : request.piece !== piece) continue;
      cleared.push(request);
      this.#waiting.delete(key);
    }
    if (this.#waiting.size === 0) this.#forgetLine();
    return cleared;
  }

  /** The first that waits; there must be one. */
  #front(): BlockRef {
    for (; ; this.#first++) {
      const request = this.#line[this.#first];
      assert(request !== undefined, 'a request waits');
      if (this.#waiting.get(keyOf(request)) === request) return request;
    }
  }

  /** Hundreds of links would keep the requests of their last turns in memory. */
  #forgetLine(): void {
    this.#line.length = 0;
    this.#first = 0;
  }

  #rewrite(): void {
    this.#line = [...this.#waiting.values()];
    this.#first = 0;
  }
}

/**
 * A whole block within the largest pieces is one number: making a text of it took longer than all the rest. Its index instead of its place
 * keeps the number small, and small numbers are no objects.
 */
type RequestKey = number | string;

const mostBlocks = maxPieceBytes / blockBytes;

function keyOf({ piece, begin, length }: BlockRef): RequestKey {
  const isBlock = length === blockBytes && begin % blockBytes === 0 && begin < maxPieceBytes;
  return isBlock ? piece * mostBlocks + begin / blockBytes : `${piece}.${begin}.${length}`;
}
