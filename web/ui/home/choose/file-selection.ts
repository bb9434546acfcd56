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
