import { itemAt } from '../../../../shared/assert.ts';
import type { Bytes } from '../../../../shared/bytes.ts';
import type { PieceIndex } from '../../../../shared/ids.ts';
import { Bitfield } from '../../../../shared/swarm/lib/bitfield.ts';
import type { FileSpan, Geometry } from '../../../../shared/torrent/geometry.ts';
import { FileStream, slackBytes, UnreadableFile } from './file-stream.ts';

/** Bytes of one piece. */
export interface PieceRange {
  readonly piece: PieceIndex;
  readonly begin: number;
  readonly length: number;
}

export interface ReadPiece {
  readonly piece: PieceIndex;
  readonly bytes: Bytes | null;
}

/** Read through one stream, which takes a millisecond or two to open. */
const streamBytes = 64 * 1024 * 1024;

/** Files in the geometry's order; `null` for one that cannot be read. */
export type SourceFiles = readonly (Blob | 'padding' | null)[];

/**
 * Pieces read straight from the chosen files, without a copy. The pieces of a file that was moved, deleted or changed are lost;
 * those of the other files stay.
 */
export class FileSource {
  /** Pieces whose files can all be read. */
  readonly have: Bitfield;
  readonly #geometry: Geometry;
  readonly #files: (Blob | 'padding' | null)[];
  readonly #unreadable: (file: number) => void;

  /** `unreadable` is called once for each file that turns out to be unreadable. */
  constructor(files: SourceFiles, geometry: Geometry, unreadable: (file: number) => void) {
    this.#files = [...files];
    this.#geometry = geometry;
    this.#unreadable = unreadable;
    this.have = Bitfield.full(geometry.pieceCount);
    for (const [index, file] of files.entries()) if (file === null) this.#clear(index);
  }

  /**
   * Reads ranges of pieces, one after another, in one read. `null` where a file under them cannot be read: the caller then asks for less, down
   * to a single range, whose files are tested one by one.
   */
  async read(...ranges: readonly PieceRange[]): Promise<Bytes | null> {
    const spans = joined(ranges.flatMap(({ piece, begin, length }) => this.#geometry.spans(piece, begin, length)));
    const bytes = await this.#readSpans(spans);
    if (bytes !== null || ranges.length > 1) return bytes;
    const gone = await this.#unreadableFiles(spans);
    for (const file of gone) {
      this.#files[file] = null;
      this.#clear(file);
      this.#unreadable(file);
    }
    return gone.length === 0 ? this.#readSpans(spans) : null;
  }

  /**
   * Whole pieces (ascending), the bytes of each good until the next is asked for; `null` for one that cannot be read. They come through one
   * buffer, because 5 GB of buffers of their own wait for the garbage collector: 500 MB of them were seen at a time.
   */
  async *pieces(indices: readonly PieceIndex[]): AsyncGenerator<ReadPiece, undefined> {
    const buffer = { bytes: new ArrayBuffer(this.#geometry.pieceLength + slackBytes) };
    for (const run of this.#runs(indices)) {
      const ranges = run.map((piece) => this.#wholePiece(piece));
      const blob = this.#blobOf(joined(ranges.flatMap(({ piece, begin, length }) => this.#geometry.spans(piece, begin, length))));
      const left = blob === null ? ranges : yield* this.#streamed(blob, ranges, buffer);
      for (const range of left) yield { piece: range.piece, bytes: await this.read(range) };
    }
  }

  /** Replies with the pieces that could not be read so. */
  async *#streamed(
    blob: Blob,
    ranges: readonly PieceRange[],
    buffer: { bytes: ArrayBuffer },
  ): AsyncGenerator<ReadPiece, readonly PieceRange[]> {
    const stream = new FileStream([blob]);
    let done = 0;
    try {
      for (; done < ranges.length; done++) {
        const { piece, length } = itemAt(ranges, done);
        buffer.bytes = await stream.fill(buffer.bytes, length);
        yield { piece, bytes: new Uint8Array(buffer.bytes, 0, length) };
      }
      return [];
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      // It was transferred.
      buffer.bytes = new ArrayBuffer(this.#geometry.pieceLength + slackBytes);
      return ranges.slice(done);
    } finally {
      await stream.close();
    }
  }

  /** Neighbouring pieces, so many that opening a stream costs little beside reading them. */
  #runs(indices: readonly PieceIndex[]): PieceIndex[][] {
    const most = Math.max(1, Math.floor(streamBytes / this.#geometry.pieceLength));
    const runs: PieceIndex[][] = [];
    for (const piece of indices) {
      const run = runs.at(-1);
      if (run !== undefined && run.length < most && run.at(-1) === piece - 1) run.push(piece);
      else runs.push([piece]);
    }
    return runs;
  }

  #wholePiece(piece: PieceIndex): PieceRange {
    return { piece, begin: 0, length: this.#geometry.pieceBytes(piece) };
  }

  /** `null` where any of them cannot be read. */
  #blobOf(spans: readonly FileSpan[]): Blob | null {
    const parts: (Blob | Bytes)[] = [];
    for (const span of spans) {
      const part = this.#part(span);
      if (part === null) return null;
      parts.push(part);
    }
    const [only] = parts;
    return parts.length === 1 && only instanceof Blob ? only : new Blob(parts);
  }

  /** Ranges of files as one buffer, in one read; `null` where any of them cannot be read. */
  async #readSpans(spans: readonly FileSpan[]): Promise<Bytes | null> {
    const whole = this.#blobOf(spans);
    if (whole === null) return null;
    const [read] = await Promise.allSettled([whole.arrayBuffer()]);
    if (read.status === 'rejected') return null;
    return read.value.byteLength === lengthOf(spans) ? new Uint8Array(read.value) : null;
  }

  /**
   * Chromium checks a File on disk at each `slice` (5 ms of a Worker's time for each megabyte served); a Blob of the File is checked once. Both
   * fail to read after the file changed. Made at the first read, because making ten thousand takes more than two seconds.
   */
  #part({ file, offset, length }: FileSpan): Blob | Bytes | null {
    const source = this.#files[file] ?? null;
    if (source === null) return null;
    if (source === 'padding') return new Uint8Array(length);
    const blob = source instanceof File ? new Blob([source]) : source;
    this.#files[file] = blob;
    return blob.slice(offset, offset + length);
  }

  /** Which of the files under these ranges cannot be read. */
  async #unreadableFiles(spans: readonly FileSpan[]): Promise<number[]> {
    const tried = await Promise.all(spans.map((span) => this.#readSpans([{ ...span, length: 1 }])));
    return spans.flatMap((span, index) => (tried[index] === null ? [span.file] : []));
  }

  #clear(file: number): void {
    const { first, end } = this.#geometry.piecesOfFile(file);
    for (let piece = first; piece < end; piece++) this.have.clear(piece);
  }
}

/** Neighbouring ranges of one file become one. */
function joined(spans: readonly FileSpan[]): FileSpan[] {
  const runs: FileSpan[] = [];
  for (const span of spans) {
    const last = runs.at(-1);
    if (last !== undefined && last.file === span.file) runs[runs.length - 1] = { ...last, length: last.length + span.length };
    else runs.push(span);
  }
  return runs;
}

function lengthOf(spans: readonly FileSpan[]): number {
  return spans.reduce((bytes, span) => bytes + span.length, 0);
}
