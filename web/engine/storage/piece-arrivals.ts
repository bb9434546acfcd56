import type { PieceIndex } from '../../../shared/ids.ts';

/** Who waits for pieces that are not here yet. */
export class PieceArrivals {
  readonly #waiting = new Map<PieceIndex, Set<() => void>>();

  /** Resolves when the piece has arrived, or `signal` is aborted. Look first whether it is here. */
  wait(piece: PieceIndex, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(piece) ?? new Set();
      const over = (): void => {
        signal.removeEventListener('abort', over);
        waiting.delete(over);
        if (waiting.size === 0 && this.#waiting.get(piece) === waiting) this.#waiting.delete(piece);
        resolve();
      };
      this.#waiting.set(piece, waiting.add(over));
      signal.addEventListener('abort', over);
      if (signal.aborted) over();
    });
  }

  arrived(piece: PieceIndex): void {
    for (const over of this.#waiting.get(piece) ?? []) over();
  }

  /** Many at once: files were chosen again. */
  arrivedMany(): void {
    for (const piece of this.#waiting.keys()) this.arrived(piece);
  }
}
