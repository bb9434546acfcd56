import type { Material } from './material.ts';
import { sleep } from './timing.ts';

/** A copy must leave storage and processor to serving: after each megabyte it rests three times as long as that took, at least 10 ms. */
const copyBytes = 1024 * 1024;
const restFactor = 3;
const shortestRestMs = 10;

/** `auto` keeps a copy where it takes no more than this share of what is free. */
const freeShare = 1 / 4;

/** Whether a share of so many bytes is kept without asking. `false` where the browser does not say what is free. */
export async function fitsFreely(totalBytes: number): Promise<boolean> {
  const [estimate] = await Promise.allSettled([navigator.storage.estimate()]);
  if (estimate.status === 'rejected') return false;
  const { quota = 0, usage = 0 } = estimate.value;
  return totalBytes <= (quota - usage) * freeShare;
}

/** Stores the pieces that can only be read from files, in the background. Ends early where there is no room, or when a piece cannot be read. */
export async function keepCopy({ content, geometry, stored }: Material, signal: AbortSignal): Promise<void> {
  let bytes = 0;
  let since = performance.now();
  for (let piece = 0; piece < geometry.pieceCount; piece++) {
    if (signal.aborted || stored.full || stored.inMemory) return;
    if (stored.have.has(piece)) continue;
    const piecesBytes = await content.readPiece(piece);
    if (piecesBytes === null) return;
    void stored.put(piece, piecesBytes.slice());
    bytes += piecesBytes.length;
    if (bytes < copyBytes) continue;
    await stored.flush();
    await sleep(Math.max(shortestRestMs, (performance.now() - since) * restFactor));
    since = performance.now();
    bytes = 0;
  }
  await stored.flush();
}
