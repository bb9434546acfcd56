/** 256 KiB: a turn is at least so long where pieces are smaller. */
const leastTurnBlocks = 16;

/** How much a peer that serves by turns gives in one: what goes beyond it is rejected. */
export class PeerTurn {
  /** Blocks that came since the last UNCHOKE, and requests that were rejected. */
  #blocks = 0;
  #rejects = 0;
  /** What it gave in its last turn, where it served no more than that; infinite where it did. */
  #expectedBlocks = Number.POSITIVE_INFINITY;

  answered(): void {
    this.#blocks++;
  }

  rejected(): void {
    this.#rejects++;
  }

  /** The blocks of the turn that is over; `null` where it was none. `pieceBlocks`: a turn is a piece or two, or the peer serves by rounds. */
  begin(pieceBlocks: number): number | null {
    const wasCut = this.#rejects > 0 || (this.#expectedBlocks < Number.POSITIVE_INFINITY && this.#blocks <= this.#expectedBlocks);
    const isTurn = wasCut && this.#blocks > 0 && this.#blocks <= 2 * Math.max(pieceBlocks, leastTurnBlocks);
    const blocks = isTurn ? this.#blocks : null;
    this.#expectedBlocks = isTurn ? Math.max(this.#blocks, pieceBlocks) : Number.POSITIVE_INFINITY;
    this.#blocks = 0;
    this.#rejects = 0;
    return blocks;
  }

  /** All that the turn should bring was requested, and the peer has not given more than that. */
  isSpent(inFlightBlocks: number): boolean {
    return this.#blocks < this.#expectedBlocks && this.#blocks + inFlightBlocks >= this.#expectedBlocks;
  }
}
