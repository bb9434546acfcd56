import type { FileSpan, Geometry } from '../../../shared/torrent/geometry.ts';
import type { BlockRef } from '../../../shared/ids.ts';
import { recordBytes } from '../storage/pieces/piece-backend.ts';

/** Bounds the list of ranges made at once; each is a record (1 MiB) at most. */
const windowBytes = 64 * 1024 * 1024;

/** The ranges of a part of a file, in order, cut at pieces and at storage records. */
export function* readRanges(geometry: Geometry, { file, offset, length }: FileSpan): Generator<BlockRef, undefined> {
  const spanEnd = offset + length;
  for (let at = offset; at < spanEnd; at += windowBytes) {
    for (const part of geometry.piecesOfSpan({ file, offset: at, length: Math.min(windowBytes, spanEnd - at) })) {
      const end = part.begin + part.length;
      for (let begin = part.begin, next = begin; begin < end; begin = next) {
        next = Math.min(end, (Math.floor(begin / recordBytes) + 1) * recordBytes);
        yield { piece: part.piece, begin, length: next - begin };
      }
    }
  }
}
