import { TabswarmError } from '../../../../shared/failure.ts';
import { maxFiles } from '../../../../shared/limits.ts';
import type { ChosenFile } from '../../../bridge/protocol.ts';

/** What a person chose, in one order whatever the browser's: choosing the same files again gives the same info hash. */
export interface Chosen {
  /** The file's or the folder's own name; `null` where several things were chosen together. */
  readonly name: string | null;
  /** With whole paths, a chosen folder's own name included: the engine takes off the one they share. */
  readonly files: readonly ChosenFile[];
  /** The first thing and how many more there are, to make a name of. */
  readonly first: string;
  readonly more: number;
}

/**
 * `found` carries whole paths, the chosen folder's name included.
 * @throws TabswarmError `emptyFolder`, `nothingDropped` or `tooManyFiles`.
 */
export function chosenFrom(found: readonly ChosenFile[], folders: number): Chosen {
  if (found.length === 0) throw new TabswarmError(folders > 0 ? 'emptyFolder' : 'nothingDropped');
  if (found.length > maxFiles) throw new TabswarmError('tooManyFiles', String(found.length));
  const files = found.toSorted((a, b) => compare(a.path, b.path));
  const roots = [...new Set(files.map((file) => file.path[0] ?? ''))];
  const first = roots[0] ?? '';
  if (roots.length > 1) return { name: null, files, first, more: roots.length - 1 };
  return { name: first, files, first, more: 0 };
}

/** By code units, part for part: the same on every machine, unlike an alphabet's own order. */
function compare(a: readonly string[], b: readonly string[]): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    const [left, right] = [a[depth] ?? '', b[depth] ?? ''];
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** From an `<input type=file>`; a folder input gives paths, with a "/" between the parts on every system. */
export function chosenFromList(list: Iterable<File>, folder: boolean): Chosen {
  const found = Array.from(list, (file) => ({ path: pathOf(file), file }));
  return chosenFrom(found, folder ? 1 : 0);
}

function pathOf(file: File): string[] {
  return file.webkitRelativePath === '' ? [file.name] : file.webkitRelativePath.split('/');
}

/** A single `.torrent` is opened, not shared. */
export function torrentFileAmong(files: readonly ChosenFile[]): File | null {
  const only = files.length === 1 ? files[0] : undefined;
  return only !== undefined && /\.torrent$/i.test(only.file.name) ? only.file : null;
}
