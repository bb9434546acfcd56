import { logged } from '../../logged.ts';
import { itemAt } from '../../../shared/assert.ts';
import { TabswarmError } from '../../../shared/failure.ts';
import type { BlockRef, PieceIndex } from '../../../shared/ids.ts';
import { PickedFolder } from '../save/picked-folder.ts';
import { readRanges } from '../save/read-ranges.ts';
import { prioritiesOf } from '../storage/shown-files.ts';
import type { TorrentStorage } from '../storage/torrent-storage.ts';

/** So much is asked for ahead of what is written, rarest first: a swarm needs pieces that differ. */
const mostAheadBytes = 256 * 1024 * 1024;

/** Of what fits into storage, which gives back the room of deleted pieces some seconds late. */
const aheadShare = 1 / 4;

/** Written pieces leave storage in batches of this size: each is a transaction. */
const batchBytes = 16 * 1024 * 1024;

/** Where storage is full, writing to it is tried again so often. */
const retryMs = 3000;

/** By shown file. */
type Places = ReadonlyMap<number, FileSystemFileHandle>;

/** What a download to a folder asks of its torrent. */
export interface DownloadedTorrent {
  /** One flag a shown file. */
  want(files: readonly boolean[]): void;
  pause(): void;
  /** Storage may have room again: writing to it goes on. */
  roomMade(): void;
}

interface FolderDownloadHost {
  readonly storage: TorrentStorage;
  /** The torrent was removed, or another tab leads. */
  readonly over: AbortSignal;
  readonly torrent: DownloadedTorrent;
  /** Wanted pieces before this one are asked for. At first none. */
  askBefore(windowEnd: PieceIndex): void;
  /** Serves these files from the folder, as far as they hold what they should. */
  moveTo(places: Places, folder: FileSystemDirectoryHandle): Promise<void>;
}

/**
 * Downloads files (one flag a shown file) to a folder, for a download that does not fit into storage. Resolves when they are served from there.
 * Where writing fails, the download pauses, and whole files stay.
 * @throws TabswarmError `saveFailed`
 */
export async function downloadTo(host: FolderDownloadHost, files: readonly boolean[], folder: FileSystemDirectoryHandle): Promise<void> {
  const { storage, over } = host;
  const download = new FolderDownload(host, files);
  try {
    await download.run(folder);
  } catch (error) {
    if (!over.aborted) host.torrent.pause();
    throw error;
  } finally {
    if (!over.aborted) await host.moveTo(download.places, folder);
    if (!over.aborted) await storage.pieces.endAway();
  }
}

/** Writes the files in order as they come, and deletes what is written from storage. A file can be read again when all of it is written. */
class FolderDownload {
  /** Whole files. */
  readonly places = new Map<number, FileSystemFileHandle>();
  readonly #host: FolderDownloadHost;
  /** Shown indices of the files to write. */
  readonly #indices: readonly number[];
  /** The same files by their index in the geometry. */
  readonly #ours: ReadonlySet<number>;
  /** By piece: 1 where it is wanted. */
  readonly #wanted: Uint8Array;
  #aheadBytes = mostAheadBytes;
  /** The piece that is being written. */
  #at: PieceIndex = 0;
  /** The window's end. */
  #told: PieceIndex = 0;
  /** Before it, and still in storage. */
  #written: PieceIndex[] = [];

  constructor(host: FolderDownloadHost, files: readonly boolean[]) {
    const { storage } = host;
    this.#host = host;
    this.#indices = [...storage.shown.keys()].filter((shown) => files[shown] === true && storage.files[shown]?.linkTarget === undefined);
    this.#ours = new Set(this.#indices.map((shown) => itemAt(storage.shown, shown)));
    this.#wanted = prioritiesOf(storage.info, files);
    host.torrent.want(files);
  }

  async run(folder: FileSystemDirectoryHandle): Promise<void> {
    const { storage, moveTo } = this.#host;
    const handles = await this.#handles(folder);
    await moveTo(await this.#sameSize(handles), folder);
    // Browsers do not say how much fits: Chromium names 10 GiB whatever the disk has. What storage held when it was full did fit.
    if (storage.stored.full) await this.#makeRoom(storage.stored.heldBytes * aheadShare);
    this.#tellWindow();
    const retrying = setInterval(() => void logged('No room is made', this.#retry()), retryMs);
    try {
      for (const [shown, handle] of handles) {
        if (await this.#isThere(shown, handle)) this.#passBy(shown);
        else await this.#write(shown, handle);
        this.places.set(shown, handle);
      }
    } finally {
      clearInterval(retrying);
    }
  }

  /** Made here where they are missing, so that a folder that cannot be written to is known at once. */
  async #handles(folder: FileSystemDirectoryHandle): Promise<Places> {
    const paths = this.#indices.map((shown) => itemAt(this.#host.storage.files, shown).path);
    const picked = new PickedFolder(folder, paths);
    const handles = new Map<number, FileSystemFileHandle>();
    for (const [place, path] of paths.entries()) {
      handles.set(itemAt(this.#indices, place), await picked.file(path).catch((error: unknown) => Promise.reject(saveFailed(path, error))));
    }
    return handles;
  }

  /** Of an earlier try, or of another way to get them. */
  async #sameSize(handles: Places): Promise<Places> {
    const same = new Map<number, FileSystemFileHandle>();
    for (const [shown, handle] of handles) {
      const { length } = itemAt(this.#host.storage.files, shown);
      if (length > 0 && (await handle.getFile()).size === length) same.set(shown, handle);
    }
    return same;
  }

  /** All of it lies in the folder, checked. */
  async #isThere(shown: number, handle: FileSystemFileHandle): Promise<boolean> {
    return this.#host.storage.serves(shown, await handle.getFile());
  }

  #passBy(shown: number): void {
    const { geometry, shown: files } = this.#host.storage;
    const { end } = geometry.piecesOfFile(itemAt(files, shown));
    // The last one may go on in the next file.
    this.#at = Math.max(this.#at, end - 1);
    this.#tellWindow();
  }

  /** The browser writes to a swap file and moves it into place at `close`. */
  async #write(shown: number, handle: FileSystemFileHandle): Promise<void> {
    const { storage } = this.#host;
    const { path, length } = itemAt(storage.files, shown);
    const writable = await handle.createWritable().catch((error: unknown) => Promise.reject(saveFailed(path, error)));
    try {
      for (const range of readRanges(storage.geometry, { file: itemAt(storage.shown, shown), offset: 0, length })) {
        await this.#reach(range.piece);
        await writable.write(await this.#read(range));
      }
      await writable.close();
    } catch (error) {
      await Promise.allSettled([writable.abort()]);
      throw error instanceof TabswarmError || this.#host.over.aborted ? error : saveFailed(path, error);
    }
  }

  /** Waits for it where it is missing. */
  async #read({ piece, begin, length }: BlockRef): Promise<Uint8Array<ArrayBuffer>> {
    const { storage, over } = this.#host;
    for (;;) {
      over.throwIfAborted();
      const bytes = storage.pieces.hasPiece(piece) ? await storage.pieces.read(piece, begin, length) : null;
      if (bytes !== null) return bytes;
      if (storage.pieces.isAway(piece)) throw new TabswarmError('notComplete');
      if (!storage.pieces.hasPiece(piece)) await storage.pieces.arrivals.wait(piece, over);
    }
  }

  /** The pieces before this one are written. */
  async #reach(piece: PieceIndex): Promise<void> {
    if (piece === this.#at) return;
    const { storage, torrent } = this.#host;
    if (this.#isOfThese(this.#at) && storage.stored.have.has(this.#at)) this.#written.push(this.#at);
    this.#at = piece;
    // Pieces that lie in the folder already are in no batch.
    if (piece >= this.#told) this.#tellWindow();
    if (this.#written.length * storage.geometry.pieceLength < Math.min(batchBytes, this.#aheadBytes / 4)) return;
    await this.#sendAway();
    this.#tellWindow();
    torrent.roomMade();
  }

  /** What has just come may still wait for the database; it leaves with the next batch. */
  async #sendAway(): Promise<void> {
    const { stored, pieces } = this.#host.storage;
    await stored.flush();
    const isWaiting = (piece: PieceIndex): boolean => stored.waiting(piece) !== null;
    await pieces.sendAway(this.#written.filter((piece) => !isWaiting(piece)));
    this.#written = this.#written.filter(isWaiting);
  }

  /** All its bytes are in the files that are written: else it stays in storage, or it could not be served later. */
  #isOfThese(piece: PieceIndex): boolean {
    const { geometry, info } = this.#host.storage;
    const spans = geometry.spans(piece, 0, geometry.pieceBytes(piece));
    return spans.every(({ file }) => this.#ours.has(file) || info.files[file]?.padding === true);
  }

  async #retry(): Promise<void> {
    if (this.#host.storage.stored.full && !this.#host.over.aborted) await this.#makeRoom(this.#aheadBytes / 2);
  }

  /** Storage is full: less is asked for ahead, and the last pieces give way to the next ones. */
  async #makeRoom(aheadBytes: number): Promise<void> {
    const { geometry, pieces, stored } = this.#host.storage;
    this.#aheadBytes = Math.min(this.#aheadBytes, Math.max(aheadBytes, 2 * geometry.pieceLength));
    this.#tellWindow();
    const last: PieceIndex[] = [];
    let bytes = 0;
    for (let piece = geometry.pieceCount - 1; piece >= this.#windowEnd() && bytes < this.#aheadBytes; piece--) {
      if (!stored.have.has(piece) || stored.waiting(piece) !== null) continue;
      last.push(piece);
      bytes += geometry.pieceBytes(piece);
    }
    await pieces.drop(last);
    this.#host.torrent.roomMade();
  }

  #tellWindow(): void {
    const end = this.#windowEnd();
    if (end === this.#told) return;
    this.#told = end;
    this.#host.askBefore(end);
  }

  #windowEnd(): PieceIndex {
    const { geometry } = this.#host.storage;
    let bytes = 0;
    for (let piece = this.#at; piece < geometry.pieceCount; piece++) {
      if (this.#wanted[piece] === 1) bytes += geometry.pieceBytes(piece);
      if (bytes > this.#aheadBytes) return piece;
    }
    return geometry.pieceCount;
  }
}

function saveFailed(path: readonly string[], error: unknown): TabswarmError {
  return new TabswarmError('saveFailed', `${path.join('/')}: ${String(error)}`);
}
