import { TabswarmError } from '../../../../shared/failure.ts';
import { maxFiles } from '../../../../shared/limits.ts';
import type { ChosenFile } from '../../../bridge/protocol.ts';

/** The files a person chose, in one order that does not depend on the browser: the same files always give the same info hash. */
export interface FileSelection {
  /** The name of the file or folder; `null` for several items. */
  readonly name: string | null;
  /** Full paths, including the name of a chosen folder. The engine removes a folder that all files have in common. */
  readonly files: readonly ChosenFile[];
  /** The first item and the number of further items, for the name of the share. */
  readonly first: string;
  readonly more: number;
}

/**
 * `found` has full paths, including the name of a chosen folder.
 * @throws TabswarmError `emptyFolder`, `nothingDropped` or `tooManyFiles`.
 */
export function selectionFrom(found: readonly ChosenFile[], folders: number): FileSelection {
  if (found.length === 0) throw new TabswarmError(folders > 0 ? 'emptyFolder' : 'nothingDropped');
  if (found.length > maxFiles) throw new TabswarmError('tooManyFiles', String(found.length));
  const files = found.toSorted((a, b) => compare(a.path, b.path));
  const roots = [...new Set(files.map((file) => file.path[0] ?? ''))];
  const first = roots[0] ?? '';
  if (roots.length > 1) return { name: null, files, first, more: roots.length - 1 };
  return { name: first, files, first, more: 0 };
}

/** Compares by code units, part by part: the result does not depend on the locale. */
function compare(a: readonly string[], b: readonly string[]): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    const [left, right] = [a[depth] ?? '', b[depth] ?? ''];
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** From an `<input type=file>`. A folder input gives paths with "/" on every system. */
export function selectionFromList(list: Iterable<File>, folder: boolean): FileSelection {
  const found = Array.from(list, (file) => ({ path: pathOf(file), file }));
  return selectionFrom(found, folder ? 1 : 0);
}

function pathOf(file: File): string[] {
  return file.webkitRelativePath === '' ? [file.name] : file.webkitRelativePath.split('/');
}

/** A single `.torrent` file is opened instead of shared. */
export function singleTorrentFile(files: readonly ChosenFile[]): File | null {
  const only = files.length === 1 ? files[0] : undefined;
  return only !== undefined && /\.torrent$/i.test(only.file.name) ? only.file : null;
}

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
