import { assert } from '../../../shared/assert.ts';
import { type Bytes, concatBytes, equalBytes } from '../../../shared/bytes.ts';
import type { PieceIndex } from '../../../shared/ids.ts';
import { Bitfield } from '../../../shared/swarm/lib/bitfield.ts';
import type { Geometry } from '../../../shared/torrent/geometry.ts';
import { PieceArrivals } from './piece-arrivals.ts';
import { FileReads, recordKey } from './files/file-reads.ts';
import type { FileSource } from './files/file-source.ts';
import { recordBytes } from './pieces/piece-backend.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { StoredPieces } from './pieces/stored-pieces.ts';
import type { Hashing, Pieces } from '../interfaces.ts';
import type { ReadCache } from './files/read-cache.ts';

/** SHA-1. */
const hashBytes = 20;

/** Peers that asked for a block this recently may soon ask for what arrives now, so it is kept in memory. */
const askedRecentlyMs = 10_000;

export interface TorrentPiecesOptions {
  /** Names this torrent in the shared cache. */
  readonly key: string;
  readonly geometry: Geometry;
  /** SHA-1 of piece i at 20 × i. */
  readonly pieceHashes: Uint8Array;
  readonly stored: StoredPieces;
  readonly cache: ReadCache;
  readonly pool: BufferPool;
  readonly hashing: Hashing;
  /** A piece is absent from now on: the driver is fed `pieceLost`. */
  readonly pieceLost: (piece: PieceIndex) => void;
  /** The files under this piece hold other bytes than the torrent. */
  readonly filesChanged: (piece: PieceIndex) => void;
}

export interface FoundPiece {
  readonly piece: PieceIndex;
  readonly isIntact: boolean;
}

/**
 * A torrent's bytes from the chosen files, or from storage where there are none. Pieces of a former session are hashed before their
 * first use. A piece is in exactly one of: absent, unchecked, checked. Only checked bytes are returned.
 */
export class TorrentPieces implements Pieces {
  readonly arrivals = new PieceArrivals();
  readonly #options: TorrentPiecesOptions;
  readonly #have: Bitfield;
  readonly #checked: Bitfield;
  /** Written to files that are still open, and gone from storage: they count as here, and nobody can read them. */
  readonly #away: Bitfield;
  readonly #checking = new Map<PieceIndex, Promise<boolean>>();
  #files: FileSource | null = null;
  #reads: FileReads | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(options: TorrentPiecesOptions) {
    this.#options = options;
    this.#have = Bitfield.of(options.geometry.pieceCount, options.stored.have.bytes);
    this.#checked = new Bitfield(options.geometry.pieceCount);
    this.#away = new Bitfield(options.geometry.pieceCount);
  }

  /** Live. */
  get have(): Uint8Array {
    return this.#have.bytes;
  }

  get files(): FileSource | null {
    return this.#files;
  }

  hasPiece(piece: PieceIndex): boolean {
    return this.#have.has(piece);
  }

  isAway(piece: PieceIndex): boolean {
    return this.#away.has(piece);
  }

  /** They lie in files that are still being written, and leave storage. */
  async sendAway(pieces: readonly PieceIndex[]): Promise<void> {
    for (const piece of pieces) this.#away.set(piece);
    await this.#options.stored.delete(pieces);
  }

  /** They leave storage and are missing again. */
  async drop(pieces: readonly PieceIndex[]): Promise<void> {
    await this.#options.stored.delete(pieces);
    for (const piece of pieces) await this.#lose(piece, true);
  }

  /** Nothing is being written any more: what was away and is in no file that is served is missing. */
  async endAway(): Promise<void> {
    for (let piece = 0; piece < this.#away.size; piece++) {
      if (this.#away.clear(piece) && this.#files?.have.has(piece) !== true) await this.#lose(piece, true);
    }
  }

  /** `checked`: the pieces were just hashed from these very files; otherwise each is hashed before its first use. They become readable. */
  useFiles(files: FileSource, checked: boolean): void {
    this.#serve(files);
    for (let piece = 0; piece < this.#checked.size; piece++) {
      if (!files.have.has(piece)) continue;
      if (checked) this.#checked.set(piece);
      else this.#checked.clear(piece);
    }
  }

  /** The same for files in which these pieces were just found intact, and in which the others were served before. */
  moveTo(files: FileSource, intact: readonly PieceIndex[]): void {
    this.#serve(files);
    for (const piece of intact) this.#checked.set(piece);
  }

  #serve(files: FileSource): void {
    this.#files = files;
    this.#reads = new FileReads(this.#options, files);
    for (let piece = 0; piece < this.#have.size; piece++) if (files.have.has(piece)) this.#have.set(piece);
    this.arrivals.arrivedMany();
  }

  /** Which of these pieces (ascending) the files hold, which need not be the ones in use. */
  async *findIn(files: FileSource, pieces: readonly PieceIndex[]): AsyncGenerator<FoundPiece, undefined> {
    for await (const { piece, bytes } of files.pieces(pieces)) yield { piece, isIntact: await this.#isPiece(piece, bytes) };
  }

  inMemory(piece: PieceIndex, begin: number, length: number): Bytes | null {
    this.#askedAt = performance.now();
    if (!this.#have.has(piece) || !this.#checked.has(piece)) return null;
    const { cache, pool, stored } = this.#options;
    const whole = stored.waiting(piece) ?? pool.recent(this.#pieceKey(piece));
    if (whole !== null) return whole.subarray(begin, begin + length);
    const record = Math.floor(begin / recordBytes);
    if (begin + length > (record + 1) * recordBytes) return null;
    const from = begin - record * recordBytes;
    const held = cache.held(this.#cacheKey(piece, record)) ?? this.#reads?.held(piece, record);
    return held?.subarray(from, from + length) ?? null;
  }

  async read(piece: PieceIndex, begin: number, length: number): Promise<Bytes | null> {
    const inMemory = this.inMemory(piece, begin, length);
    if (inMemory !== null) return inMemory.slice();
    if (!this.#have.has(piece) || this.#away.has(piece)) return null;
    if (!this.#checked.has(piece) && !(await this.#checkOnce(piece))) return null;
    const [read] = await Promise.allSettled([this.#readRange(piece, begin, length)]);
    if (read.status === 'fulfilled' && read.value !== null) return read.value;
    await this.#lose(piece, read.status === 'fulfilled');
    return null;
  }

  /** A whole piece, checked. */
  readPiece(piece: PieceIndex): Promise<Bytes | null> {
    return this.read(piece, 0, this.#options.geometry.pieceBytes(piece));
  }

  async store(piece: PieceIndex, bytes: Bytes): Promise<void> {
    const { geometry, stored } = this.#options;
    assert(bytes.length === geometry.pieceBytes(piece), 'a verified piece has its length');
    this.#have.set(piece);
    this.#checked.set(piece);
    this.arrivals.arrived(piece);
    await stored.enqueue(piece, bytes);
    this.#release(piece, bytes);
  }

  ready(): Promise<void> {
    return this.#options.stored.ready();
  }

  /** Looks at every piece again, in order. `false` where the piece was lost. */
  check(piece: PieceIndex): Promise<boolean> {
    if (this.#away.has(piece)) return Promise.resolve(true);
    this.#checked.clear(piece);
    this.#forgetCached(piece);
    return this.#have.has(piece) ? this.#checkOnce(piece) : Promise.resolve(false);
  }

  /** Gives back the memory held for this torrent. */
  close(): void {
    this.#options.cache.forget(`${this.#options.key}:`);
    this.#options.pool.forget(`${this.#options.key}:`);
  }

  /** A piece is durable: its buffer is kept while peers may ask for it, else it goes back to the pool. */
  #release(piece: PieceIndex, bytes: Bytes): void {
    const { pool } = this.#options;
    if (performance.now() - this.#askedAt < askedRecentlyMs) pool.keep(this.#pieceKey(piece), bytes);
    else pool.giveBack(bytes);
  }

  /** Many peers may ask for an unchecked piece at once: it is hashed once. */
  #checkOnce(piece: PieceIndex): Promise<boolean> {
    const running = this.#checking.get(piece);
    if (running !== undefined) return running;
    const pieceBytes = this.#options.geometry.pieceBytes(piece);
    const checking = this.#options.cache.checks.run(pieceBytes, () => this.#check(piece)).finally(() => this.#checking.delete(piece));
    this.#checking.set(piece, checking);
    return checking;
  }

  async #check(piece: PieceIndex): Promise<boolean> {
    const [checked] = await Promise.allSettled([this.#isIntact(piece)]);
    if (checked.status === 'fulfilled' && checked.value) return true;
    await this.#lose(piece, checked.status === 'fulfilled');
    return false;
  }

  /** Looks in the files first, then in storage. Rejects where storage fails. */
  async #isIntact(piece: PieceIndex): Promise<boolean> {
    if (await this.#hashesRight(piece)) return true;
    if (this.#files?.have.has(piece)) this.#options.filesChanged(piece);
    if (!this.#options.stored.have.has(piece) || !this.#files?.have.has(piece)) return false;
    this.#files.have.clear(piece);
    this.#forgetCached(piece);
    return this.#hashesRight(piece);
  }

  async #hashesRight(piece: PieceIndex): Promise<boolean> {
    const right = await this.#isPiece(piece, await this.#readRange(piece, 0, this.#options.geometry.pieceBytes(piece)));
    if (right) this.#checked.set(piece);
    return right;
  }

  async #isPiece(piece: PieceIndex, bytes: Bytes | null): Promise<boolean> {
    const { hashing, pieceHashes } = this.#options;
    if (bytes === null) return false;
    return equalBytes(await hashing.sha1(bytes), pieceHashes.subarray(piece * hashBytes, (piece + 1) * hashBytes));
  }

  async #readRange(piece: PieceIndex, begin: number, length: number): Promise<Bytes | null> {
    const first = Math.floor(begin / recordBytes);
    const last = Math.floor((begin + length - 1) / recordBytes);
    const from = begin - first * recordBytes;
    if (first === last) return (await this.#readRecord(piece, first))?.subarray(from, from + length) ?? null;
    const parts: Bytes[] = [];
    for (let record = first; record <= last; record++) {
      const part = await this.#readRecord(piece, record);
      if (part === null) return null;
      parts.push(part);
    }
    return concatBytes(parts).subarray(from, from + length);
  }

  /** A read of a file costs half of what a read of storage does, and serves its neighbours too. */
  async #readRecord(piece: PieceIndex, record: number): Promise<Bytes | null> {
    const { cache, stored } = this.#options;
    const key = this.#cacheKey(piece, record);
    const held = cache.held(key) ?? (await this.#reads?.range(piece, record)) ?? null;
    if (held !== null) return held;
    const found = stored.have.has(piece) ? await cache.get(key, recordBytes, () => stored.read(piece, record)) : null;
    // It may have moved to the files while this read waited for its turn.
    return found ?? (await this.#reads?.range(piece, record)) ?? null;
  }

  /** `isGone`: it is absent or damaged. Otherwise storage failed, and what is stored is left for the next start. */
  async #lose(piece: PieceIndex, isGone: boolean): Promise<void> {
    if (!this.#have.clear(piece)) return;
    this.#checked.clear(piece);
    this.#forgetCached(piece);
    this.#options.pieceLost(piece);
    const { stored } = this.#options;
    if (!stored.have.has(piece)) return;
    if (isGone) await stored.forget(piece);
    else stored.giveUp(piece);
  }

  /** Begins the names of all ranges of it as well. */
  #pieceKey(piece: PieceIndex): string {
    return `${this.#options.key}:${piece}:`;
  }

  #cacheKey(piece: PieceIndex, record: number): string {
    return recordKey(this.#options.key, piece, record);
  }

  #forgetCached(piece: PieceIndex): void {
    this.#options.cache.forget(this.#pieceKey(piece));
    this.#reads?.forget();
  }
}
