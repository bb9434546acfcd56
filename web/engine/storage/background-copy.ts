import type { TorrentStorage } from './torrent-storage.ts';
import { sleep } from '../lib/timing.ts';
import { logged } from '../../logged.ts';

/**
 * A copy must not slow down serving. After each megabyte it rests three times as long as that took, at least 10 ms. While somebody
 * downloads it rests four seconds, because copying a megabyte costs a quarter of sending one.
 */
const copyBytes = 1024 * 1024;
const restFactor = 3;
const shortestRestMs = 10;
const servingRestMs = 4000;

/** `auto` keeps a copy where it needs at most this part of the free space. */
const freeShare = 1 / 4;

/** Whether a copy of this size is kept without asking. `false` where the browser does not say how much space is free. */
export async function fitsFreely(totalBytes: number): Promise<boolean> {
  const [estimate] = await Promise.allSettled([navigator.storage.estimate()]);
  if (estimate.status === 'rejected') return false;
  const { quota = 0, usage = 0 } = estimate.value;
  return totalBytes <= (quota - usage) * freeShare;
}

/** Stores the pieces that can only be read from files, in the background. One at a time for a torrent. */
export class BackgroundCopy {
  readonly #ended: () => void;
  #isRunning = false;

  /** `ended` is called when a run ends, complete or not. */
  constructor(ended: () => void) {
    this.#ended = ended;
  }

  /** Does nothing while a run is active, or without files. A failed run keeps what it stored, and the next one continues there. */
  run(storage: TorrentStorage, isServing: () => boolean, signal: AbortSignal): void {
    if (this.#isRunning || storage.pieces.files === null) return;
    this.#isRunning = true;
    void logged('Not everything was copied', copyPieces(storage, isServing, signal)).then(() => {
      this.#isRunning = false;
      this.#ended();
    });
  }
}

/** Ends early where there is no room, or when a piece cannot be read. */
async function copyPieces(
  { pieces, buffers, geometry, stored }: TorrentStorage,
  isServing: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  let bytes = 0;
  let since = performance.now();
  for (let piece = 0; piece < geometry.pieceCount; piece++) {
    if (signal.aborted || stored.full || stored.inMemory) return;
    if (stored.have.has(piece)) continue;
    const pieceBytes = await pieces.readPiece(piece);
    if (pieceBytes === null) return;
    const copy = buffers.take(pieceBytes.length);
    copy.set(pieceBytes);
    void stored.enqueue(piece, copy).then(() => buffers.giveBack(copy));
    bytes += pieceBytes.length;
    if (bytes < copyBytes) continue;
    await stored.flush();
    await sleep(isServing() ? servingRestMs : Math.max(shortestRestMs, (performance.now() - since) * restFactor));
    since = performance.now();
    bytes = 0;
  }
  await stored.flush();
}
