import { TabswarmError } from '../../../shared/failure.ts';
import type { ChosenFile } from '../../bridge/protocol.ts';
import { fitsFreely } from '../storage/background-copy.ts';
import type { TorrentStorage } from '../storage/torrent-storage.ts';
import { askableHandles, grantedFiles, handlesOf, withGranted } from './chosen-files.ts';
import type { SessionContext } from './context.ts';
import type { Recheck } from './recheck.ts';
import type { DrivenTorrent } from './running-driver.ts';
import type { StorageFailures } from './storage-failures.ts';

export interface FileAccessParts {
  readonly torrent: DrivenTorrent;
  readonly context: SessionContext;
  readonly recheck: Recheck;
  readonly failures: StorageFailures;
  /** The torrent was removed, or another tab leads. */
  readonly over: AbortSignal;
  /** A new driver, because the files that can be read have changed. */
  readonly driveAgain: (storage: TorrentStorage) => void;
  /** Which pieces are wanted has changed. */
  readonly tellWanted: () => void;
}

/** The person's own files that a torrent is served from instead of storage: shared ones, and the one where a download was saved. */
export class FileAccess {
  readonly #parts: FileAccessParts;

  constructor(parts: FileAccessParts) {
    this.#parts = parts;
  }

  handles(): Promise<readonly FileSystemFileHandle[]> {
    const { record, storage } = this.#parts.torrent;
    return askableHandles(record.handles, storage);
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
    const { torrent, recheck, failures, over, tellWanted } = this.#parts;
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
    tellWanted();
    throw new TabswarmError('wrongFiles');
  }

  /**
   * Serves a download of one file from where the person saved it, and empties storage, so that it does not lie on the disk twice. The file is
   * hashed first. Nothing changes where a copy is kept, or the file holds something else.
   */
  async moveTo(handle: FileSystemFileHandle): Promise<void> {
    const { torrent, context, over, tellWanted } = this.#parts;
    const { storage, record } = torrent;
    if (storage === null || record.mine || storage.shown.length !== 1 || !storage.have.isFull || (await this.#keepsCopy(storage))) return;
    if (!(await storage.moveTo([await handle.getFile()], over))) return;
    torrent.remember({ handles: [handle], inSavedFile: true, askedFor: false });
    tellWanted();
    // A browser that dies in between has the file twice, and not once too little.
    await context.library.flush();
    over.throwIfAborted();
    await storage.stored.clear();
  }

  async #keepsCopy({ geometry, stored }: TorrentStorage): Promise<boolean> {
    const keepCopy = this.#parts.context.keepCopy();
    return keepCopy === 'yes' || (keepCopy === 'auto' && !stored.inMemory && (await fitsFreely(geometry.totalBytes)));
  }
}
