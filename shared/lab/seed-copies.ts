import type { BlockRef } from '../ids.ts';
import { blockBytes } from '../limits.ts';
import type { LinkEnd } from '../sim/network/link.ts';
import type { ObservedNode, Observer } from '../sim/network/observer.ts';

/** Payload of seeds. */
export interface SeedBytes {
  readonly sent: number;
  /** Of it blocks that were sent before, to whomever. */
  readonly repeated: number;
  /** Of these what was repeated while some block had not been sent at all. */
  readonly early: number;
}

/** Counts what the seeds hand to the network. */
export class SeedCopies implements Observer {
  readonly #blocksPerPiece: number;
  readonly #sent: Uint8Array;
  #unsentBlocks: number;
  readonly #unfinished = new Set<ObservedNode>();
  readonly #now = { sent: 0, repeated: 0, early: 0 };
  #whenDone: SeedBytes | null = null;

  constructor(pieceCount: number, pieceBytes: number) {
    this.#blocksPerPiece = Math.ceil(pieceBytes / blockBytes);
    this.#sent = new Uint8Array(pieceCount * this.#blocksPerPiece);
    this.#unsentBlocks = this.#sent.length;
  }

  /** Until the last contributor was done, or the end of the run. What free riders take afterwards is not the price of anybody's download. */
  get untilDone(): SeedBytes {
    return this.#whenDone ?? this.#now;
  }

  joined(node: ObservedNode): void {
    const { isSeed, isHonest, mustFinish } = node.config;
    if (!isSeed && isHonest && mustFinish && !node.disk.isComplete) this.#unfinished.add(node);
  }

  verified(node: ObservedNode): void {
    if (!node.disk.isComplete || !this.#unfinished.delete(node) || this.#unfinished.size > 0) return;
    this.#whenDone = { ...this.#now };
  }

  served(node: ObservedNode, _end: LinkEnd, { piece, begin, length }: BlockRef): void {
    if (!node.config.isSeed || !node.config.isHonest) return;
    this.#now.sent += length;
    const block = piece * this.#blocksPerPiece + Math.floor(begin / blockBytes);
    if (this.#sent[block] === 0) this.#unsentBlocks--;
    else this.#repeat(length);
    this.#sent[block] = 1;
  }

  #repeat(bytes: number): void {
    this.#now.repeated += bytes;
    if (this.#unsentBlocks > 0) this.#now.early += bytes;
  }
}
