import { TabswarmError } from '../../../../shared/failure.ts';
import { maxFiles } from '../../../../shared/limits.ts';
import type { ChosenFile } from '../../../bridge/protocol.ts';
import { selectionFrom, type FileSelection } from './file-selection.ts';

/** One dropped item in every form that the browser offers. The DataTransfer is empty after its event, so all forms are read at once. */
interface DroppedItem {
  /** Chromium only. A handle can be stored, so sharing continues after a reload. */
  readonly handle: Promise<FileSystemHandle | null | undefined> | null;
  /** All browsers. Reads folders, but cannot be stored. */
  readonly entry: FileSystemEntry | null;
  readonly file: File | null;
}

interface ItemWithHandle {
  /** Chromium returns `undefined` for a File that a script added to the transfer. */
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null | undefined>;
}

export function itemsOf(transfer: DataTransfer): DroppedItem[] {
  const items = Array.from(transfer.items).filter((item) => item.kind === 'file');
  return items.map((item) => ({
    handle: (item as ItemWithHandle).getAsFileSystemHandle?.() ?? null,
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(),
  }));
}

/**
 * Reads all dropped folders. `onFound` receives the number of files found so far.
 * @throws TabswarmError as {@link selectionFrom}, and `fileUnreadable`.
 */
export async function readDroppedItems(items: readonly DroppedItem[], onFound: (files: number) => void): Promise<FileSelection> {
  const reader = new FolderReader(onFound);
  try {
    for (const item of items) await reader.addItem(item);
  } catch (error) {
    throw error instanceof DOMException ? new TabswarmError('fileUnreadable', error.message) : error;
  }
  return selectionFrom(reader.found, reader.folders);
}

class FolderReader {
  readonly found: ChosenFile[] = [];
  folders = 0;
  readonly #onFound: (files: number) => void;

  constructor(onFound: (files: number) => void) {
    this.#onFound = onFound;
  }

  async addItem({ handle, entry, file }: DroppedItem): Promise<void> {
    const [settled] = await Promise.allSettled([handle]);
    // Chromium refuses handles for some folders (the home folder) that it still lets the page read as entries.
    const known = settled.status === 'fulfilled' ? (settled.value ?? null) : null;
    if (known !== null && !isFileHandle(known)) return this.#addHandle(known, []);
    if (entry?.isDirectory === true) return this.#addEntry(entry, []);
    if (file === null) return;
    this.#add(known === null ? { path: [file.name], file } : { path: [file.name], file, handle: known });
  }

  async #addHandle(handle: FileSystemHandle, above: readonly string[]): Promise<void> {
    const path = [...above, handle.name];
    if (isFileHandle(handle)) return this.#add({ path, file: await handle.getFile(), handle });
    this.folders++;
    for await (const child of (handle as FileSystemDirectoryHandle).values()) await this.#addHandle(child, path);
  }

  async #addEntry(entry: FileSystemEntry, above: readonly string[]): Promise<void> {
    const path = [...above, entry.name];
    if (entry.isFile) return this.#add({ path, file: await fileOf(entry as FileSystemFileEntry) });
    this.folders++;
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    // A reader returns at most 100 entries per call (Chromium), and none at the end.
    for (let batch = await batchOf(reader); batch.length > 0; batch = await batchOf(reader)) {
      for (const child of batch) await this.#addEntry(child, path);
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
