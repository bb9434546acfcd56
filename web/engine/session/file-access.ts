import { TabswarmError } from '../../../shared/failure.ts';
import type { TorrentRecord } from '../library/torrent-record.ts';
import type { ChosenFile, SaveTarget } from '../../bridge/protocol.ts';
import { logged } from '../../logged.ts';
import type { SnapshotChanges } from '../interfaces.ts';
import { saveFiles, type SavePlaces } from '../save/save.ts';
import { fitsFreely } from '../storage/background-copy.ts';
import type { TorrentStorage } from '../storage/torrent-storage.ts';
import { askableHandles, grantedFile, grantedFiles, handlesOf, withGranted } from './chosen-files.ts';
import type { SessionContext } from './context.ts';
import type { DownloadedTorrent } from '../streaming/folder-download.ts';
import type { Recheck } from './recheck.ts';
import type { DrivenTorrent, RunningDriver } from './running-driver.ts';
import type { StorageFailures } from './storage-failures.ts';

export interface FileAccessParts {
  readonly torrent: DrivenTorrent & DownloadedTorrent;
  readonly context: SessionContext;
  readonly recheck: Recheck;
  readonly failures: StorageFailures;
  /** The torrent was removed, or another tab leads. */
  readonly over: AbortSignal;
  readonly changes: SnapshotChanges;
  /** A new driver, because the files that can be read have changed. */
  readonly driveAgain: (storage: TorrentStorage) => void;
  readonly run: RunningDriver;
}

/** The person's own files that a torrent is served from instead of storage: shared ones, and those where a download was saved. */
export class FileAccess {
  readonly #parts: FileAccessParts;
  /** Where files were saved since the last move, by shown file. */
  readonly #saved = new Map<number, FileSystemFileHandle>();
  #folder: FileSystemDirectoryHandle | null = null;
  #moving: Promise<unknown> = Promise.resolve();

  constructor(parts: FileAccessParts) {
    this.#parts = parts;
  }

  async handles(): Promise<readonly FileSystemHandle[]> {
    const { record, storage } = this.#parts.torrent;
    const { handles, savedFolder } = record;
    const askable = await askableHandles(handles, storage);
    return askable.length > 0 && savedFolder !== undefined ? [savedFolder, ...askable] : askable;
  }

  /** Serves these files (by shown file), each piece checked before its first use. */
  use(files: readonly (File | null)[]): void {
    const { storage } = this.#parts.torrent;
    if (storage === null) return;
    storage.useFiles(files, false);
    this.#parts.driveAgain(storage);
  }

  /** Serves the files of the kept handles. @throws TabswarmError `fileUnreadable` */
  async reopen(): Promise<void> {
    const files = await grantedFiles(this.#parts.torrent.record.handles);
    if (this.#parts.torrent.storage === null || files === null) throw new TabswarmError('fileUnreadable');
    this.use(files);
  }

  /** Serves files that were chosen again at once, and hashes all of them meanwhile. @throws TabswarmError `wrongFiles` where they are others */
  async reconnect(chosen: readonly (ChosenFile | null)[]): Promise<void> {
    const { torrent, recheck, failures, over, run } = this.#parts;
    const { storage } = torrent;
    if (storage === null) throw new TabswarmError('notComplete');
    if (chosen.every((item) => item === null)) throw new TabswarmError('wrongFiles');
    const { handles, askedFor = false } = torrent.record;
    const before = storage.have.count;
    this.use(await withGranted(chosen, handles));
    const isChecked = await failures.whileChosen(() => recheck.run(storage, over));
    if (over.aborted) return;
    // Where "Check again" took over, that check says what is here.
    if (!isChecked || storage.have.count > before) return torrent.remember({ handles: handlesOf(chosen, handles) });
    // Until the check they counted as all of it, which ended a download that had been asked for.
    torrent.remember({ askedFor });
    run.tellWanted();
    throw new TabswarmError('wrongFiles');
  }

  /** @throws TabswarmError `notComplete`, `saveFailed`, `tooLargeForMemory` */
  async save(file: number | 'all', target: SaveTarget): Promise<Blob | null> {
    const { storage } = this.#parts.torrent;
    if (storage === null) throw new TabswarmError('notComplete');
    const places: SavePlaces = {
      isServedFrom: (index, handle) => this.#isServedFrom(storage, storage.shown.indexOf(index), handle),
      saved: (index, handle) => void this.#saved.set(storage.shown.indexOf(index), handle),
    };
    try {
      return await saveFiles(storage, storage.complete(file), target, places);
    } finally {
      if (target.kind === 'folder') this.#folder = target.handle;
      this.moveOut();
    }
  }

  /** Downloads these files (one flag a shown file) to a folder. @throws TabswarmError `notComplete`, `saveFailed`, `partMissing` */
  async downloadTo(files: readonly boolean[], folder: FileSystemDirectoryHandle): Promise<void> {
    const { torrent, run, over } = this.#parts;
    const { storage } = torrent;
    if (storage === null || run.isWindowed) throw new TabswarmError('notComplete');
    const ask = (windowEnd: number): void => {
      run.windowEnd = windowEnd;
      run.tellWanted();
    };
    run.windowEnd = 0;
    try {
      // Few people ever need it: the first visit does not pay for it.
      const part = import('../streaming/folder-download.ts').catch(() => Promise.reject(new TabswarmError('partMissing')));
      const { downloadTo } = await part;
      const moveTo = (...args: [Places, FileSystemDirectoryHandle]): Promise<void> => this.#moveTo(...args);
      await downloadTo({ torrent, storage, over, askBefore: ask, moveTo }, files, folder);
    } finally {
      ask(Number.POSITIVE_INFINITY);
    }
  }

  /** There is no room for a copy in storage. */
  async #moveTo(places: Places, folder: FileSystemDirectoryHandle): Promise<void> {
    for (const [shown, handle] of places) this.#saved.set(shown, handle);
    this.#folder = folder;
    await this.#move(true);
  }

  /** All of a shown file is here. */
  saved(shown: number, handle: FileSystemFileHandle): void {
    this.#saved.set(shown, handle);
    this.moveOut();
  }

  /**
   * As soon as everything wanted is here: serves what was saved from where the person saved it, and empties storage of that, so that it does
   * not lie on the disk twice. Also goes on with that after a restart. Nobody waits for it; where it fails, everything stays in storage.
   */
  moveOut(): void {
    void this.#move(false);
  }

  #move(isForced: boolean): Promise<void> {
    const moved = this.#moving.then(() => this.#moveOut(isForced));
    this.#moving = logged('The download stays in storage, beside the saved files', moved);
    return moved;
  }

  /** `isForced`: also where it is incomplete, or a copy was to be kept. */
  async #moveOut(isForced: boolean): Promise<void> {
    const { torrent, context, over, changes, driveAgain } = this.#parts;
    const { storage, record } = torrent;
    if (storage === null || (this.#saved.size === 0 && record.inSavedFile !== true)) return;
    if (!isForced && (await this.#staysInStorage(storage))) return;
    const places = new Map(this.#saved);
    const before = storage.have.count;
    const files = await Promise.all(storage.shown.map((_, shown) => placedFile(places.get(shown))));
    const { isAccepted, pieces } = await storage.moveTo(files, over);
    for (const shown of places.keys()) this.#saved.delete(shown);
    if (isAccepted.includes(true) || record.askedFor === true) await this.#remember(storage, places, isAccepted);
    // A browser that dies in between has the files twice, and not once too little.
    over.throwIfAborted();
    if (pieces.length > 0) await storage.stored.delete(pieces);
    if (storage.have.count > before) driveAgain(storage);
    if (pieces.length > 0) context.roomMade(record.id);
    changes.awaited();
  }

  async #remember(storage: TorrentStorage, places: Places, isAccepted: readonly boolean[]): Promise<void> {
    const { torrent, context, run } = this.#parts;
    const { handles } = torrent.record;
    const kept = storage.shown.map((_, shown) => (isAccepted[shown] === true ? places.get(shown) : handles?.[shown]) ?? null);
    const folder = this.#folder === null ? {} : { savedFolder: this.#folder };
    // The person may have asked for more meanwhile.
    const askedFor = !hasWanted(torrent.record, storage);
    torrent.remember({ handles: kept, ...folder, inSavedFile: true, askedFor });
    run.tellWanted();
    await context.library.flush();
  }

  async #isServedFrom(storage: TorrentStorage, shown: number, handle: FileSystemFileHandle): Promise<boolean> {
    const kept = this.#parts.torrent.record.handles?.[shown] ?? null;
    if (kept === null || !(await kept.isSameEntry(handle))) return false;
    const file = await grantedFile(handle);
    return file !== null && storage.serves(shown, file);
  }

  async #staysInStorage(storage: TorrentStorage): Promise<boolean> {
    const { record } = this.#parts.torrent;
    return record.mine || record.keepCopy || !hasWanted(record, storage) || (await this.#keepsCopy(storage));
  }

  async #keepsCopy({ geometry, stored }: TorrentStorage): Promise<boolean> {
    const keepCopy = this.#parts.context.keepCopy();
    return keepCopy === 'yes' || (keepCopy === 'auto' && !stored.inMemory && (await fitsFreely(geometry.totalBytes)));
  }
}

function hasWanted({ wanted }: TorrentRecord, storage: TorrentStorage): boolean {
  return wanted !== null && storage.hasWanted(wanted, storage.have);
}

/** By shown file. */
type Places = ReadonlyMap<number, FileSystemFileHandle>;

async function placedFile(handle: FileSystemFileHandle | undefined): Promise<File | null> {
  return handle === undefined ? null : grantedFile(handle);
}
