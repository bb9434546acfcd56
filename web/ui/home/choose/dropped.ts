import { TabswarmError } from '../../../../shared/failure.ts';
import { maxFiles } from '../../../../shared/limits.ts';
import type { ChosenFile } from '../../../bridge/protocol.ts';
import { chosenFrom, type Chosen } from './chosen.ts';

/** One dropped thing, in every form the browser offers. A DataTransfer is emptied after its event, so all are taken at once. */
interface DroppedItem {
  /** Chromium: can be kept, so that sharing goes on after a reload. */
  readonly handle: Promise<FileSystemHandle | null | undefined> | null;
  /** Everywhere: reads folders, but cannot be kept. */
  readonly entry: FileSystemEntry | null;
  readonly file: File | null;
}

interface HandleGivingItem {
  /** Chromium answers `undefined` for a File that a script put into the transfer. */
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null | undefined>;
}

export function itemsOf(transfer: DataTransfer): DroppedItem[] {
  const items = Array.from(transfer.items).filter((item) => item.kind === 'file');
  return items.map((item) => ({
    handle: (item as HandleGivingItem).getAsFileSystemHandle?.() ?? null,
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(),
  }));
}

/**
 * Reads every dropped folder to its end. `onFound` hears how many files there are so far.
 * @throws TabswarmError as {@link chosenFrom}, and `fileUnreadable`.
 */
export async function readDropped(items: readonly DroppedItem[], onFound: (files: number) => void): Promise<Chosen> {
  const walk = new Walk(onFound);
  try {
    for (const item of items) await walk.item(item);
  } catch (error) {
    throw error instanceof DOMException ? new TabswarmError('fileUnreadable', error.message) : error;
  }
  return chosenFrom(walk.found, walk.folders);
}

class Walk {
  readonly found: ChosenFile[] = [];
  folders = 0;
  readonly #onFound: (files: number) => void;

  constructor(onFound: (files: number) => void) {
    this.#onFound = onFound;
  }

  async item({ handle, entry, file }: DroppedItem): Promise<void> {
    const [settled] = await Promise.allSettled([handle]);
    // A browser refuses handles of some places (the home folder itself) that it still lets the page read as entries.
    const kept = settled.status === 'fulfilled' ? (settled.value ?? null) : null;
    if (kept !== null && !isFileHandle(kept)) return this.#handle(kept, []);
    if (entry?.isDirectory === true) return this.#entry(entry, []);
    if (file === null) return;
    this.#add(kept === null ? { path: [file.name], file } : { path: [file.name], file, handle: kept });
  }

  async #handle(handle: FileSystemHandle, above: readonly string[]): Promise<void> {
    const path = [...above, handle.name];
    if (isFileHandle(handle)) return this.#add({ path, file: await handle.getFile(), handle });
    this.folders++;
    for await (const child of (handle as FileSystemDirectoryHandle).values()) await this.#handle(child, path);
  }

  async #entry(entry: FileSystemEntry, above: readonly string[]): Promise<void> {
    const path = [...above, entry.name];
    if (entry.isFile) return this.#add({ path, file: await fileOf(entry as FileSystemFileEntry) });
    this.folders++;
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    // A reader gives at most a hundred entries a time (Chromium) and none at the end.
    for (let batch = await batchOf(reader); batch.length > 0; batch = await batchOf(reader)) {
      for (const child of batch) await this.#entry(child, path);
    }
  }

  #add(file: ChosenFile): void {
    if (this.found.length >= maxFiles) throw new TabswarmError('tooManyFiles');
    this.found.push(file);
    this.#onFound(this.found.length);
  }
}

function isFileHandle(handle: FileSystemHandle): handle is FileSystemFileHandle {
  return handle.kind === 'file';
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function batchOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}
