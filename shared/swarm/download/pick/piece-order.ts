import type { PieceIndex } from '../../../ids.ts';
import type { Random } from '../../../random.ts';
import type { SwarmConfig } from '../../config.ts';
import { type Rarity, ranksPerPriority } from './rarity.ts';

type Fits = (piece: PieceIndex) => boolean;

/** Which piece is begun next, where it is not the rarest. */
export interface PieceOrder {
  /** A pickable piece that fits, or −1. Every order keeps to the priorities of the files. */
  next(pickable: Rarity, fits: Fits): PieceIndex;
  /** The piece has become pickable (again). */
  added(piece: PieceIndex): void;
}

/** Places looked at for one choice. Whoever has nothing among them is asked for its rarest piece. */
const mostLooked = 16_384;

/** Whether a piece has the highest priority of all pickable ones. */
function isUrgent(pickable: Rarity): Fits {
  const priorityOf = (piece: PieceIndex): number => Math.floor(pickable.rankOf(piece) / ranksPerPriority);
  const best = priorityOf(pickable.rarest(() => true));
  return (piece) => priorityOf(piece) === best;
}

/** Any piece, evenly. */
const random: PieceOrder = {
  next: (pickable, fits) => {
    const urgent = isUrgent(pickable);
    const piece = pickable.any((candidate) => urgent(candidate) && fits(candidate));
    return piece === -1 ? pickable.any(fits) : piece;
  },
  added: () => undefined,
};

/** The rarest of the first `window` missing pieces; a window of one is the order of the file. */
class Windowed implements PieceOrder {
  readonly #window: number;
  readonly #pieceCount: number;
  readonly #random: Random;
  /** No piece before this one is pickable. */
  #first: PieceIndex = 0;

  constructor(window: number, pieceCount: number, source: Random) {
    this.#window = window;
    this.#pieceCount = pieceCount;
    this.#random = source;
  }

  added(piece: PieceIndex): void {
    this.#first = Math.min(this.#first, piece);
  }

  next(pickable: Rarity, fits: Fits): PieceIndex {
    while (this.#first < this.#pieceCount && !pickable.has(this.#first)) this.#first++;
    const urgent = isUrgent(pickable);
    const inWindow: PieceIndex[] = [];
    let seen = 0;
    const end = Math.min(this.#pieceCount, this.#first + mostLooked);
    for (let piece = this.#first; piece < end; piece++) {
      if (!pickable.has(piece) || !urgent(piece)) continue;
      seen++;
      if (fits(piece)) inWindow.push(piece);
      // Where nothing in the window fits, the first piece behind it does.
      if (inWindow.length > 0 && seen >= this.#window) return this.#rarestOf(inWindow, pickable);
    }
    return inWindow.length > 0 ? this.#rarestOf(inWindow, pickable) : pickable.rarest(fits);
  }

  #rarestOf(pieces: readonly PieceIndex[], pickable: Rarity): PieceIndex {
    const least = Math.min(...pieces.map((piece) => pickable.rankOf(piece)));
    const rarest = pieces.filter((piece) => pickable.rankOf(piece) === least);
    return rarest[rarest.length === 1 ? 0 : this.#random.below(rarest.length)] ?? -1;
  }
}

/** `null`: rarest first, which the picker does itself. */
export function newPieceOrder(config: SwarmConfig, pieceCount: number, source: Random): PieceOrder | null {
  switch (config.pieceOrder) {
    case 'rarest':
      return null;
    case 'random':
      return random;
    case 'sequential':
      return new Windowed(1, pieceCount, source);
    case 'windowed':
      return new Windowed(config.windowPieces, pieceCount, source);
  }
}
