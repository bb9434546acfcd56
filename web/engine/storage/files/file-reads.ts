import { itemAt } from '../../../../shared/assert.ts';
import type { Bytes } from '../../../../shared/bytes.ts';
import type { PieceIndex } from '../../../../shared/ids.ts';
import type { Geometry } from '../../../../shared/torrent/geometry.ts';
import type { FileSource, PieceRange } from './file-source.ts';
import { recordBytes } from '../pieces/piece-backend.ts';
import type { ReadCache } from './read-cache.ts';

/**
 * A read costs the browser about 3 ms whatever its size, and 1.4 ms a megabyte. A reader that continues where a read ended gets the next 3 MiB
 * in one read. A first read is short, because in a crowd hardly any reader continues.
 */
const recordsAhead = 3;

/** What one read may bring: whether it goes on from another is known only when it begins. */
const mostRunBytes = recordsAhead * recordBytes;

/** Remembered ends of reads, from which a reader may continue: enough for a handful of peers. */
const rememberedEnds = 16;

export interface FileReadsOptions {
  /** Names this torrent in the shared cache. */
  readonly key: string;
  readonly geometry: Geometry;
  readonly cache: ReadCache;
}

/** The cache's name for record `record` of a piece. */
export function recordKey(key: string, piece: PieceIndex, record: number): string {
  return `${key}:${piece}:${record}`;
}

/**
 * Reads chosen files in runs: a run is a record of a large piece, or as many small pieces as fill one. Runs are numbered in the order of
 * the torrent's bytes.
 */
export class FileReads {
  readonly #options: FileReadsOptions;
  readonly #files: FileSource;
  readonly #piecesPerRun: number;
  readonly #runsPerPiece: number;
  /** Runs after the last of a read. */
  readonly #ends = new Set<number>();

  constructor(options: FileReadsOptions, files: FileSource) {
    const { pieceLength } = options.geometry;
    this.#options = options;
    this.#files = files;
    this.#piecesPerRun = Math.max(1, Math.floor(recordBytes / pieceLength));
    this.#runsPerPiece = Math.ceil(pieceLength / recordBytes);
  }

  /** Record `record` of a piece if it is cached. */
  held(piece: PieceIndex, record: number): Bytes | null {
    return this.#partOf(this.#options.cache.held(this.#keyOf(this.#runOf(piece, record))), piece, record);
  }

  /** Record `record` of a piece, `null` where the files cannot be read (any more). */
  async range(piece: PieceIndex, record: number): Promise<Bytes | null> {
    if (!this.#files.have.has(piece)) return null;
    const run = this.#runOf(piece, record);
    const read = this.#partOf(await this.#options.cache.get(this.#keyOf(run), mostRunBytes, () => this.#readFrom(run)), piece, record);
    if (read !== null) return read;
    // A file under the run cannot be read. Reading the record alone finds out which file that is (unless the run was only this record).
    if (!this.#files.have.has(piece)) return null;
    const { cache, key } = this.#options;
    const range = this.#recordOf(piece, record);
    return cache.get(recordKey(key, piece, record), range.length, () => this.#files.read(range));
  }

  /** Drops everything that was read. */
  forget(): void {
    this.#ends.clear();
    this.#options.cache.forget(`${this.#options.key}:run:`);
  }

  /** Reads this run and, where it continues a former read, the runs after it, which the cache gets as parts of the same read. */
  #readFrom(run: number): Promise<Bytes | null> {
    const end = run + (this.#ends.delete(run) ? recordsAhead : 1);
    this.#remember(end);
    const runs = Array.from({ length: end - run }, (_, at) => this.#readRange(run + at));
    const read = this.#files.read(...runs.flat());
    const part = async (at: number): Promise<Bytes | null> => {
      const begin = lengthOf(runs.slice(0, at).flat());
      return (await read)?.subarray(begin, begin + lengthOf(itemAt(runs, at))) ?? null;
    };
    for (const [later, ranges] of runs.entries()) {
      if (later > 0 && ranges.length > 0) void this.#options.cache.get(this.#keyOf(run + later), 0, () => part(later));
    }
    return part(0);
  }

  /** The ranges of a run, without anything past the end of a piece or of the torrent. */
  #readRange(run: number): PieceRange[] {
    const first = Math.floor(run / this.#runsPerPiece) * this.#piecesPerRun;
    const end = Math.min(first + this.#piecesPerRun, this.#options.geometry.pieceCount);
    const ranges: PieceRange[] = [];
    for (let piece = first; piece < end; piece++) ranges.push(this.#recordOf(piece, run % this.#runsPerPiece));
    return ranges.filter(({ length }) => length > 0);
  }

  #runOf(piece: PieceIndex, record: number): number {
    return Math.floor(piece / this.#piecesPerRun) * this.#runsPerPiece + record;
  }

  #partOf(run: Bytes | null, piece: PieceIndex, record: number): Bytes | null {
    const begin = this.#placeInRun(piece);
    return run?.subarray(begin, begin + this.#recordOf(piece, record).length) ?? null;
  }

  #recordOf(piece: PieceIndex, record: number): PieceRange {
    const begin = record * recordBytes;
    return { piece, begin, length: Math.min(recordBytes, this.#options.geometry.pieceBytes(piece) - begin) };
  }

  /** Bytes of the pieces before it in its run. Called for every block. */
  #placeInRun(piece: PieceIndex): number {
    let begin = 0;
    for (let before = piece - (piece % this.#piecesPerRun); before < piece; before++) begin += this.#options.geometry.pieceBytes(before);
    return begin;
  }

  #remember(end: number): void {
    this.#ends.add(end);
    for (const oldest of this.#ends) {
      if (this.#ends.size <= rememberedEnds) return;
      this.#ends.delete(oldest);
    }
  }

  #keyOf(run: number): string {
    return `${this.#options.key}:run:${run}`;
  }
}

function lengthOf(ranges: readonly PieceRange[]): number {
  return ranges.reduce((bytes, { length }) => bytes + length, 0);
}
