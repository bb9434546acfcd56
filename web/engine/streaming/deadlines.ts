import type { PieceIndex } from '../../../shared/ids.ts';
import type { FileSpan, Geometry } from '../../../shared/torrent/geometry.ts';

/** A player reads this far ahead: a seldom stall of the swarm must not stop it. */
const secondsAhead = 30;

/** Until the player knows the length: 4 Mbit/s, a film in high definition. */
const usualBytesPerSecond = 500_000;

const leastAheadBytes = 4 * 1024 * 1024;
const mostAheadBytes = 64 * 1024 * 1024;

/** An MP4 file has its index at the one end or the other, and players ask for it first: about 1 MB for an hour. */
const indexBytes = 512 * 1024;

/** More pieces than this are not looked at by the picker. */
const mostPieces = 256;

export interface Playback {
  /** What is left of the range that is being read. */
  readonly span: FileSpan;
  /** `null` while the length in time is not known. */
  readonly bytesPerSecond: number | null;
}

/**
 * The missing pieces that players wait for, most urgent first: of each the piece it reads next, then, from the beginning of a file, the end
 * of that file, then about 30 s in order. The players come in the order given.
 */
export function deadlinesOf(geometry: Geometry, has: (piece: PieceIndex) => boolean, playbacks: readonly Playback[]): PieceIndex[] {
  const pieces = new Set<PieceIndex>();
  for (const playback of playbacks) {
    for (const span of urgentSpans(geometry, playback)) {
      for (const { piece } of geometry.piecesOfSpan(span)) {
        if (pieces.size === mostPieces) return [...pieces];
        if (!has(piece)) pieces.add(piece);
      }
    }
  }
  return [...pieces];
}

function urgentSpans(geometry: Geometry, { span: { file, offset, length }, bytesPerSecond }: Playback): FileSpan[] {
  const fileBytes = geometry.files[file]?.length ?? 0;
  const wished = secondsAhead * (bytesPerSecond || usualBytesPerSecond);
  const ahead = Math.min(length, Math.max(leastAheadBytes, Math.min(wished, mostAheadBytes)));
  const next = { file, offset, length: Math.min(length, indexBytes) };
  const tail = Math.min(fileBytes, indexBytes);
  const isBeginning = offset < indexBytes;
  return [next, ...(isBeginning ? [{ file, offset: fileBytes - tail, length: tail }] : []), { file, offset, length: ahead }];
}
