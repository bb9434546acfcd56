import { itemAt } from '../../../shared/assert.ts';
import { TabswarmError } from '../../../shared/failure.ts';
import type { InfoHash, PieceIndex } from '../../../shared/ids.ts';
import { Bitfield } from '../../../shared/swarm/lib/bitfield.ts';
import type { FileSpan } from '../../../shared/torrent/geometry.ts';
import type { Info } from '../../../shared/torrent/info.ts';
import type { TorrentFile } from '../../bridge/protocol.ts';
import { TorrentPieces } from './torrent-pieces.ts';
import { FileSource } from './files/file-source.ts';
import { openPieces, type StoredPieces } from './pieces/stored-pieces.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { Hashing, OpenTorrent } from '../interfaces.ts';
import type { ReadCache } from './files/read-cache.ts';
import { isFileComplete, prioritiesOf, shownFiles, torrentFiles } from './shown-files.ts';

export interface StorageListener {
  storageFull(): void;
  storageRefused(): void;
  /** What an earlier session stored could not be opened any more, or a piece of it turned out damaged. */
  storageLost(): void;
  pieceLost(piece: PieceIndex): void;
  /** The path of a chosen file that cannot be read any more. */
  fileUnreadable(path: string): void;
  /** The paths of chosen files, one of which was changed: their bytes are not those of the torrent. */
  filesChanged(paths: readonly string[]): void;
}

/** A piece may lie under thousands of small files. */
const mostNamed = 3;

export interface TorrentStorageOptions {
  readonly infoHash: InfoHash;
  /** What `infoBytes` says. */
  readonly info: Info;
  readonly infoBytes: Uint8Array;
  readonly hashing: Hashing;
  readonly cache: ReadCache;
  readonly buffers: BufferPool;
  readonly listener: StorageListener;
}

/** What came of a {@link TorrentStorage.moveTo}. */
export interface MovedFiles {
  /** By shown file: it holds what it should, and is read from now on. */
  readonly isAccepted: readonly boolean[];
  /** They were just found intact in files, and can be deleted from storage. */
  readonly pieces: readonly PieceIndex[];
}

/** What a torrent is made of once its metadata is known: the info dictionary, and its bytes in storage or in the chosen files. */
export class TorrentStorage implements OpenTorrent {
  readonly info: Info;
  readonly infoBytes: Uint8Array;
  readonly pieces: TorrentPieces;
  readonly buffers: BufferPool;
  readonly stored: StoredPieces;
  /** Indices into `info.files` of the files that people see. */
  readonly shown: readonly number[];
  /** Those, in the same order. */
  readonly files: readonly TorrentFile[];
  readonly #listener: StorageListener;
  /** By shown file, as given to {@link useFiles} and {@link moveTo}. */
  #given: readonly (File | null)[] = [];
  /** Of the last {@link wantedBytes}: finding the pieces of 100,000 files takes 100 ms. */
  #wanted: { readonly flags: readonly boolean[]; readonly pieces: Uint32Array } | null = null;

  private constructor(options: TorrentStorageOptions, stored: StoredPieces) {
    const { info } = options;
    this.info = info;
    this.infoBytes = options.infoBytes;
    this.stored = stored;
    this.shown = shownFiles(info);
    this.files = torrentFiles(info);
    this.#listener = options.listener;
    this.buffers = options.buffers;
    this.pieces = new TorrentPieces({
      key: options.infoHash,
      geometry: info.geometry,
      pieceHashes: info.pieceHashes,
      stored,
      cache: options.cache,
      pool: options.buffers,
      hashing: options.hashing,
      pieceLost: (piece) => this.#pieceLost(piece),
      filesChanged: (piece) => this.#filesChanged(piece),
    });
  }

  /** Opens storage. @throws TabswarmError `v2Only` */
  static async open(options: TorrentStorageOptions): Promise<TorrentStorage> {
    const { info } = options;
    if (info.kind === 'v2') throw new TabswarmError('v2Only');
    const { pieces, lost } = await openPieces(options.infoHash, info.geometry, options.listener);
    if (lost) options.listener.storageLost();
    return new TorrentStorage(options, pieces);
  }

  get geometry(): Info['geometry'] {
    return this.info.geometry;
  }

  get pieceHashes(): Uint8Array {
    return this.info.pieceHashes;
  }

  get webSeedPaths(): OpenTorrent['webSeedPaths'] {
    return this.info.files.map(({ webSeedPath }) => webSeedPath);
  }

  /** What was received is on its way into storage: a tab that closes now loses it. */
  get isStoring(): boolean {
    return this.pieces.files?.have.isFull !== true && this.stored.waitingBytes > 0;
  }

  /** Bitfield of what can be read now, a copy. */
  get have(): Bitfield {
    return Bitfield.of(this.geometry.pieceCount, this.pieces.have);
  }

  /** Shown files that were not given, and are not in storage either. */
  get outOfReach(): readonly number[] {
    const { info, have, files } = this;
    const absent = [...this.shown.keys()].filter((shown) => this.#given[shown]?.size !== files[shown]?.length);
    return absent.filter((shown) => !isFileComplete(info, have, itemAt(this.shown, shown)));
  }

  /** A piece at least is in storage or in the chosen files. */
  get isReadable(): boolean {
    return this.pieces.have.some((byte) => byte !== 0);
  }

  /**
   * Seeds from these files (by shown file, `null` where one cannot be read). `checked`: they were just hashed; otherwise each piece is
   * hashed before its first use. A file of a different length than in the torrent is ignored.
   */
  useFiles(files: readonly (File | null)[], checked: boolean): void {
    this.#given = files;
    this.pieces.useFiles(this.#sourceOf(files), checked);
  }

  /**
   * Serves these files as well (by shown file, `null` for one that stays where it is), as far as they hold what they should. Each piece is hashed
   * in them first, and so is each that storage and a file from before both have. Rejects when `signal` is aborted, and nothing has changed then.
   */
  async moveTo(files: readonly (File | null)[], signal: AbortSignal): Promise<MovedFiles> {
    const former = this.pieces.files;
    const source = this.#sourceOf(this.shown.map((_, shown) => files[shown] ?? this.#given[shown] ?? null));
    const isNew = this.#piecesUnder(files);
    const unknown = Array.from({ length: this.geometry.pieceCount }, (_, piece) => piece).filter((piece) => {
      const isKnown = former?.have.has(piece) === true && !isNew.has(piece) && !this.stored.have.has(piece);
      return source.have.has(piece) && !isKnown;
    });
    const intact: PieceIndex[] = [];
    const wrong: PieceIndex[] = [];
    for await (const { piece, isIntact } of this.pieces.findIn(source, unknown)) {
      signal.throwIfAborted();
      (isIntact ? intact : wrong).push(piece);
    }
    if (intact.length + wrong.length === 0 && files.every((file) => file === null))
      return { isAccepted: files.map(() => false), pieces: [] };
    return this.#moved(files, intact, wrong);
  }

  /** A new file with a wrong piece is rejected: what it would have replaced goes on as before. */
  #moved(files: readonly (File | null)[], intact: readonly PieceIndex[], wrong: readonly PieceIndex[]): MovedFiles {
    const bad = new Set(wrong.flatMap((piece) => this.#spansOf(piece).map(({ file }) => file)));
    const accepted = files.map((file, shown) => (bad.has(itemAt(this.shown, shown)) ? null : file));
    const rejected = this.#piecesUnder(files.map((file, shown) => (accepted[shown] === file ? null : file)));
    const former = this.pieces.files;
    this.#given = this.shown.map((_, shown) => accepted[shown] ?? this.#given[shown] ?? null);
    const served = this.#sourceOf(this.#given);
    const moved = new Set(intact.filter((piece) => served.have.has(piece) && !rejected.has(piece)));
    for (const piece of [...intact, ...wrong]) {
      const isAsBefore = rejected.has(piece) && former?.have.has(piece) === true;
      if (!moved.has(piece) && !isAsBefore) served.have.clear(piece);
    }
    this.pieces.moveTo(served, [...moved]);
    return {
      isAccepted: accepted.map((file) => file !== null),
      pieces: [...moved].filter((piece) => this.stored.have.has(piece)),
    };
  }

  /**
   * Whether a shown file is served from this very file on the disk, unchanged: each of its pieces was hashed or is hashed before its first use.
   */
  serves(shown: number, file: File): boolean {
    const [given, source] = [this.#given[shown], this.pieces.files];
    if (source === null || given?.lastModified !== file.lastModified || given.size !== file.size) return false;
    return isFileComplete(this.info, source.have, itemAt(this.shown, shown));
  }

  /** The pieces under these files (one flag a shown file). */
  wantedPieces(flags: readonly boolean[]): Uint32Array {
    if (this.#wanted?.flags !== flags) {
      const priorities = prioritiesOf(this.info, flags);
      const all = Uint32Array.from(priorities, (_, piece) => piece);
      this.#wanted = { flags, pieces: all.filter((piece) => priorities[piece] !== 0) };
    }
    return this.#wanted.pieces;
  }

  /** Bytes of the pieces under these files (one flag a shown file), and how many of them `have` holds. */
  wantedBytes(flags: readonly boolean[], have: Bitfield): { readonly all: number; readonly here: number } {
    let [all, here] = [0, 0];
    for (const piece of this.wantedPieces(flags)) {
      const bytes = this.geometry.pieceBytes(piece);
      all += bytes;
      if (have.has(piece)) here += bytes;
    }
    return { all, here };
  }

  /** Whether `have` holds every piece under these files. */
  hasWanted(flags: readonly boolean[], have: Bitfield): boolean {
    const { all, here } = this.wantedBytes(flags, have);
    return here === all;
  }

  #piecesUnder(files: readonly (File | null)[]): Bitfield {
    const under = new Bitfield(this.geometry.pieceCount);
    for (const [shown, index] of this.shown.entries()) {
      const { first, end } = this.geometry.piecesOfFile(index);
      if ((files[shown] ?? null) !== null) for (let piece = first; piece < end; piece++) under.set(piece);
    }
    return under;
  }

  #spansOf(piece: PieceIndex): readonly FileSpan[] {
    return this.geometry.spans(piece, 0, this.geometry.pieceBytes(piece));
  }

  #sourceOf(files: readonly (File | null)[]): FileSource {
    const { info } = this;
    const all: (Blob | 'padding' | null)[] = info.files.map(({ padding }) => (padding ? 'padding' : null));
    for (const [shown, index] of this.shown.entries()) {
      const file = files[shown] ?? null;
      all[index] = file?.size === info.geometry.file(index).length ? file : null;
    }
    return new FileSource(all, this.geometry, (file) => this.#fileUnreadable(file));
  }

  /** Hashes every piece again; `progress` is told the bytes looked at. Lost pieces are reported one by one. */
  async check(progress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
    let bytes = 0;
    for (let piece = 0; piece < this.geometry.pieceCount; piece++) {
      signal.throwIfAborted();
      await this.pieces.check(piece);
      bytes += this.geometry.pieceBytes(piece);
      progress(bytes);
    }
  }

  /** Those of the asked files that can be saved: complete, and no symbolic links. `index` is into `info.files`. */
  complete(shown: number | 'all'): { readonly index: number; readonly path: readonly string[] }[] {
    const { info, have } = this;
    const asked = shown === 'all' ? this.shown : this.shown.slice(shown, shown + 1);
    return asked.flatMap((index) => {
      const file = info.files[index];
      return file?.linkTarget === null && isFileComplete(info, have, index) ? [{ index, path: file.path }] : [];
    });
  }

  /** Flushes and lets go of storage and memory. */
  async close(): Promise<void> {
    await this.stored.close();
    this.pieces.close();
  }

  /** Deletes what is stored; replies with the bytes freed. */
  async destroy(): Promise<number> {
    const freedBytes = await this.stored.destroy();
    this.pieces.close();
    return freedBytes;
  }

  /** A file that is complete in storage is not missed. */
  #fileUnreadable(file: number): void {
    if (!this.stored.have.isFull) this.#listener.fileUnreadable(itemAt(this.info.files, file).path.join('/'));
  }

  #filesChanged(piece: PieceIndex): void {
    const files = this.#spansOf(piece)
      .map(({ file }) => itemAt(this.info.files, file))
      .filter(({ padding }) => !padding);
    this.#listener.filesChanged(files.slice(0, mostNamed).map(({ path }) => path.join('/')));
  }

  #pieceLost(piece: PieceIndex): void {
    if (!this.stored.inMemory && this.pieces.files === null) this.#listener.storageLost();
    this.#listener.pieceLost(piece);
  }
}
