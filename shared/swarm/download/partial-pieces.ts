import { assert } from '../../assert.ts';
import type { LinkId, PieceIndex } from '../../ids.ts';

const nobody = -1;

/**
 * A piece of which some blocks are missing. Each block is in exactly one state: free (asked of no link), asked (of one link, in the end game
 * of several), here (given by one link).
 */
export class PartialPiece {
  readonly piece: PieceIndex;
  readonly blockCount: number;
  /** Only this link may be asked for blocks of it, so that a bad hash has one culprit; `null`: anyone. */
  exclusiveTo: LinkId | null;
  /** The link that was first asked for it. */
  readonly begunBy: LinkId;
  /** Among the partial pieces, and there among the open ones. A mark here is read at every change of a block. */
  isPartial = false;
  isOpen = false;
  /** How many links each block is asked of now. */
  readonly #askers: Uint8Array;
  readonly #givers: Int32Array;
  #freeBlocks: number;
  #hereBlocks = 0;
  #firstFree = 0;

  constructor(piece: PieceIndex, blockCount: number, exclusiveTo: LinkId | null, begunBy: LinkId) {
    this.piece = piece;
    this.blockCount = blockCount;
    this.exclusiveTo = exclusiveTo;
    this.begunBy = begunBy;
    this.#askers = new Uint8Array(blockCount);
    this.#givers = new Int32Array(blockCount).fill(nobody);
    this.#freeBlocks = blockCount;
  }

  get freeBlocks(): number {
    return this.#freeBlocks;
  }

  get isWhole(): boolean {
    return this.#hereBlocks === this.blockCount;
  }

  get hereBlocks(): number {
    return this.#hereBlocks;
  }

  get missingBlocks(): number {
    return this.blockCount - this.#hereBlocks;
  }

  /** No block is asked of anyone now. */
  get isIdle(): boolean {
    return this.#freeBlocks + this.#hereBlocks === this.blockCount;
  }

  /** No block is here or asked of anyone. */
  get isUntouched(): boolean {
    return this.#freeBlocks === this.blockCount;
  }

  isHere(block: number): boolean {
    return this.#givers[block] !== nobody;
  }

  askersOf(block: number): number {
    return this.#askers[block] ?? 0;
  }

  /** Not here, and asked of nobody. */
  isFree(block: number): boolean {
    return this.#askers[block] === 0 && this.#givers[block] === nobody;
  }

  /** The first free block; there must be one. */
  firstFree(): number {
    assert(this.#freeBlocks > 0, 'a block is free');
    while (!this.isFree(this.#firstFree)) this.#firstFree++;
    return this.#firstFree;
  }

  ask(block: number): void {
    assert(!this.isHere(block), 'only a missing block is asked for');
    if (this.#askers[block] === 0) this.#freeBlocks--;
    this.#askers[block] = this.askersOf(block) + 1;
  }

  unask(block: number): void {
    assert(this.askersOf(block) > 0, 'only an asked block is given up');
    this.#askers[block] = this.askersOf(block) - 1;
    if (this.#askers[block] === 0 && !this.isHere(block)) this.#release(block);
  }

  /** False where it was here before. */
  receive(block: number, from: LinkId): boolean {
    if (this.isHere(block)) return false;
    if (this.#askers[block] === 0) this.#freeBlocks--;
    this.#givers[block] = from;
    this.#hereBlocks++;
    return true;
  }

  /** Of a block that is here. */
  giverOf(block: number): LinkId {
    assert(this.isHere(block), 'a block that is here has a giver');
    return this.#givers[block] as LinkId;
  }

  /** Every link that gave a block of it, in order of link id. */
  givers(): LinkId[] {
    const found: number[] = [];
    let last = nobody;
    // Blocks that follow each other mostly come from one link.
    for (const giver of this.#givers) {
      if (giver === last || giver === nobody) continue;
      last = giver;
      if (!found.includes(giver)) found.push(giver);
    }
    return found.toSorted((x, y) => x - y) as LinkId[];
  }

  /** Blocks that `link` gave are missing again; returns how many. */
  dropFrom(link: LinkId): number {
    let dropped = 0;
    for (let block = 0; block < this.blockCount; block++) {
      if (this.#givers[block] !== link) continue;
      this.#givers[block] = nobody;
      this.#hereBlocks--;
      dropped++;
      if (this.#askers[block] === 0) this.#release(block);
    }
    return dropped;
  }

  #release(block: number): void {
    this.#freeBlocks++;
    if (block < this.#firstFree) this.#firstFree = block;
  }
}

/**
 * All partial pieces, oldest first; among them the open ones (with a free block); and the pieces that are being hashed. Changes of a block
 * go through here, so that "open" is never stale.
 */
export class PartialPieces {
  readonly #pieces = new Map<PieceIndex, PartialPiece>();
  readonly #open = new Set<PartialPiece>();
  /** The open ones of each link that began some. */
  readonly #openOf = new Map<LinkId, Set<PartialPiece>>();
  readonly #verifying = new Map<PieceIndex, PartialPiece>();

  /** Pieces that occupy a buffer. */
  get buffers(): number {
    return this.#pieces.size + this.#verifying.size;
  }

  get isEmpty(): boolean {
    return this.#pieces.size === 0;
  }

  pieces(): Iterable<PartialPiece> {
    return this.#pieces.values();
  }

  open(): Iterable<PartialPiece> {
    return this.#open;
  }

  /** Open pieces that this link began, oldest first. */
  openOf(link: LinkId): Iterable<PartialPiece> {
    return this.#openOf.get(link) ?? [];
  }

  /** Of the pieces that no link works on, anyone may give and nobody connected has, the one with the fewest blocks here. */
  emptiestLeft(isHad: (piece: PieceIndex) => boolean): PartialPiece | null {
    let emptiest: PartialPiece | null = null;
    for (const piece of this.#open) {
      if (piece.exclusiveTo !== null || !piece.isIdle || isHad(piece.piece)) continue;
      if (emptiest === null || piece.hereBlocks < emptiest.hereBlocks) emptiest = piece;
    }
    return emptiest;
  }

  get(piece: PieceIndex): PartialPiece | undefined {
    return this.#pieces.get(piece);
  }

  isVerifying(piece: PieceIndex): boolean {
    return this.#verifying.has(piece);
  }

  /** Pieces, whole or not, that only this link gives. */
  exclusiveTo(link: LinkId): number {
    let count = 0;
    for (const piece of this.#pieces.values()) if (piece.exclusiveTo === link) count++;
    for (const piece of this.#verifying.values()) if (piece.exclusiveTo === link) count++;
    return count;
  }

  start(piece: PieceIndex, blockCount: number, exclusiveTo: LinkId | null, begunBy: LinkId): PartialPiece {
    assert(!this.#pieces.has(piece) && !this.#verifying.has(piece), 'a piece is started once');
    const started = new PartialPiece(piece, blockCount, exclusiveTo, begunBy);
    this.#pieces.set(piece, started);
    started.isPartial = true;
    this.#settle(started);
    return started;
  }

  ask(piece: PartialPiece, block: number): void {
    piece.ask(block);
    this.#settle(piece);
  }

  unask(piece: PartialPiece, block: number): void {
    piece.unask(block);
    this.#settle(piece);
  }

  /** False where the block was here before. */
  receive(piece: PartialPiece, block: number, from: LinkId): boolean {
    const isNew = piece.receive(block, from);
    this.#settle(piece);
    return isNew;
  }

  dropFrom(piece: PartialPiece, link: LinkId): number {
    const dropped = piece.dropFrom(link);
    this.#settle(piece);
    return dropped;
  }

  verify(whole: PartialPiece): void {
    assert(whole.isWhole, 'only a whole piece is verified');
    this.drop(whole);
    this.#verifying.set(whole.piece, whole);
  }

  /** Ends the verification and returns the piece with its givers. */
  verified(piece: PieceIndex): PartialPiece {
    const whole = this.#verifying.get(piece);
    assert(whole !== undefined, 'a verdict comes for a piece that is being verified');
    this.#verifying.delete(piece);
    return whole;
  }

  drop(piece: PartialPiece): void {
    this.#pieces.delete(piece.piece);
    piece.isPartial = false;
    this.#settle(piece);
  }

  #settle(piece: PartialPiece): void {
    const isOpen = piece.isPartial && piece.freeBlocks > 0;
    if (isOpen === piece.isOpen) return;
    piece.isOpen = isOpen;
    const own = this.#openOf.get(piece.begunBy);
    if (isOpen) {
      this.#open.add(piece);
      if (own === undefined) this.#openOf.set(piece.begunBy, new Set([piece]));
      else own.add(piece);
    } else {
      this.#open.delete(piece);
      own?.delete(piece);
      if (own?.size === 0) this.#openOf.delete(piece.begunBy);
    }
  }
}
