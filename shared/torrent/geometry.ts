import { assert, itemAt } from '../assert.ts';
import type { BlockRef, PieceIndex } from '../ids.ts';
import { blockBytes } from '../limits.ts';

/**
 * The one place that divides by the piece length. A torrent's piece space is a row of files, padding files (BEP 47) included;
 * in a v2-only torrent (BEP 52) each file begins at a piece of its own and its last piece is cut at the file's end.
 */
export interface LaidFile {
  readonly length: number;
  /** Zeros nobody stores or saves (BEP 47). */
  readonly padding: boolean;
}

/** A stretch of one file, in bytes. */
export interface FileSpan {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

export interface PieceRange {
  readonly first: PieceIndex;
  /** One past the last piece: `first === end` for an empty file. */
  readonly end: PieceIndex;
}

export class Geometry {
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** Bytes of all pieces, padding included. */
  readonly totalBytes: number;
  readonly files: readonly LaidFile[];
  /** Where each file begins in the piece space. */
  readonly #starts: Float64Array;
  readonly #fileAligned: boolean;

  /** `fileAligned`: v2-only layout. `pieceLength` and lengths were validated before. */
  constructor(pieceLength: number, files: readonly LaidFile[], fileAligned = false) {
    assert(Number.isSafeInteger(pieceLength) && pieceLength > 0, 'piece length is a positive integer');
    this.pieceLength = pieceLength;
    this.files = files;
    this.#fileAligned = fileAligned;
    this.#starts = new Float64Array(files.length);
    let at = 0;
    let bytes = 0;
    for (const [index, file] of files.entries()) {
      this.#starts[index] = at;
      at += fileAligned ? Math.ceil(file.length / pieceLength) * pieceLength : file.length;
      bytes += file.length;
    }
    this.pieceCount = Math.ceil(at / pieceLength);
    this.totalBytes = bytes;
  }

  pieceBytes(piece: PieceIndex): number {
    assert(piece >= 0 && piece < this.pieceCount, 'piece index in range');
    const start = piece * this.pieceLength;
    const end = this.#fileAligned ? this.#alignedEnd(start) : this.totalBytes;
    return Math.min(this.pieceLength, end - start);
  }

  blockCount(piece: PieceIndex): number {
    return Math.ceil(this.pieceBytes(piece) / blockBytes);
  }

  /** Blocks are 16 KiB, the last of a piece may be shorter. */
  block(piece: PieceIndex, index: number): BlockRef {
    const begin = index * blockBytes;
    const length = Math.min(blockBytes, this.pieceBytes(piece) - begin);
    assert(index >= 0 && length > 0, 'block index in range');
    return { piece, begin, length };
  }

  /** The block that begins at `begin`, or −1 where none does. */
  blockIndex(begin: number): number {
    return begin % blockBytes === 0 ? begin / blockBytes : -1;
  }

  /** Whether a file's first byte (or an empty file's place) is the first of a piece. */
  beginsPiece(file: number): boolean {
    return this.#startOf(file) % this.pieceLength === 0;
  }

  piecesOfFile(file: number): PieceRange {
    const length = this.file(file).length;
    const start = this.#startOf(file);
    const first = Math.floor(start / this.pieceLength);
    return { first, end: length === 0 ? first : Math.ceil((start + length) / this.pieceLength) };
  }

  /** Where a stretch of a file lies in the piece space, cut at piece borders. */
  piecesOfSpan(span: FileSpan): { piece: PieceIndex; begin: number; length: number }[] {
    assert(span.offset >= 0 && span.offset + span.length <= this.file(span.file).length, 'stretch lies in its file');
    const parts: { piece: PieceIndex; begin: number; length: number }[] = [];
    let at = this.#startOf(span.file) + span.offset;
    const end = at + span.length;
    while (at < end) {
      const piece = Math.floor(at / this.pieceLength);
      const begin = at - piece * this.pieceLength;
      const length = Math.min(end - at, this.pieceLength - begin);
      parts.push({ piece, begin, length });
      at += length;
    }
    return parts;
  }

  /** The files under a stretch of a piece, in order and without gaps (padding files included). */
  spans(piece: PieceIndex, begin: number, length: number): FileSpan[] {
    assert(begin >= 0 && begin + length <= this.pieceBytes(piece), 'stretch lies in its piece');
    const spans: FileSpan[] = [];
    let at = piece * this.pieceLength + begin;
    const end = at + length;
    for (let file = this.#fileAt(at); at < end; file++) {
      const offset = at - this.#startOf(file);
      const here = Math.min(end - at, this.file(file).length - offset);
      if (here > 0) {
        spans.push({ file, offset, length: here });
        at += here;
      }
    }
    return spans;
  }

  /** The last file that begins at or before `at`: empty files before it share its start. */
  #fileAt(at: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#startOf(middle) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #alignedEnd(start: number): number {
    const file = this.#fileAt(start);
    return this.#startOf(file) + this.file(file).length;
  }

  /** Every file has a start: {@link file} checks the index where it comes from outside. */
  #startOf(file: number): number {
    return itemAt(this.#starts, file);
  }

  /** One of {@link files}. */
  file(index: number): LaidFile {
    const file = this.files[index];
    assert(file !== undefined, 'file index in range');
    return file;
  }
}
