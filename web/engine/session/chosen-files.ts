import { itemAt } from '../../../shared/assert.ts';
import type { Info } from '../../../shared/torrent/info.ts';
import type { ChosenFile, TorrentFile } from '../../bridge/protocol.ts';
import type { TorrentRecord } from '../library/torrent-record.ts';

/**
 * Finds the torrent's files among files that were chosen again: by path and length, then by name and length, because a folder may have been
 * renamed or its files chosen one by one. `null` where no file fits. Only hashing shows whether the bytes are the same.
 */
export function matchFiles(wanted: readonly TorrentFile[], chosen: readonly ChosenFile[]): (ChosenFile | null)[] {
  const byPath = new Map(chosen.map((item) => [keyOf(item.path, item.file.size), item]));
  const byName = new Map(chosen.map((item) => [keyOf(item.path.slice(-1), item.file.size), item]));
  // A share of one file is named after its title, not after the file: only the length can be compared.
  const byLength = new Map(wanted.length === 1 ? chosen.map((item) => [item.file.size, item]) : []);
  return wanted.map(({ path, length }) => {
    // The chosen path may start with the folder itself or below it.
    const below = byPath.get(keyOf(path, length)) ?? byPath.get(keyOf(path.slice(1), length));
    return below ?? byName.get(keyOf(path.slice(-1), length)) ?? byLength.get(length) ?? null;
  });
}

function keyOf(path: readonly string[], length: number): string {
  return `${length}:${path.join('/')}`;
}

/** The handles that came with chosen files, and the `former` ones of files that were not chosen; `null` where there are none. */
export function handlesOf(chosen: readonly (ChosenFile | null)[], former: TorrentRecord['handles'] = null): TorrentRecord['handles'] {
  const handles = chosen.map((item, index) => (item === null ? former?.[index] : item.handle) ?? null);
  return handles.some((handle) => handle !== null) ? handles : null;
}

/** The files of a torrent, and which of them the engine cannot read. */
interface Lacking {
  readonly files: readonly TorrentFile[];
  readonly outOfReach: readonly number[];
}

/** The handles of unreadable files that the person could allow again. Files that are gone or have changed are left out: permission does not help. */
export async function askableHandles(handles: TorrentRecord['handles'], lacking: Lacking | null): Promise<FileSystemFileHandle[]> {
  if (handles === null || lacking === null) return [];
  const { files, outOfReach } = lacking;
  const asked = outOfReach.map(async (index) => {
    const handle = handles[index] ?? null;
    return handle !== null && (await mayHelp(handle, itemAt(files, index).length)) ? [handle] : [];
  });
  return (await Promise.all(asked)).flat();
}

async function mayHelp(handle: FileSystemFileHandle, length: number): Promise<boolean> {
  const [file] = await Promise.allSettled([handle.getFile()]);
  // It may have been allowed since the last try, together with files of another share.
  if (file.status === 'fulfilled') return file.value.size === length;
  return file.reason instanceof DOMException && file.reason.name === 'NotAllowedError';
}

/** The files whose handles are still allowed after the reload; `null` where none is. */
export async function grantedFiles(handles: TorrentRecord['handles']): Promise<(File | null)[] | null> {
  if (handles === null) return null;
  const files = await Promise.all(handles.map(async (handle) => (handle === null ? null : grantedFile(handle))));
  return files.some((file) => file !== null) ? files : null;
}

/** Files that were hashed just now, and what they make. */
export interface HashedFiles {
  readonly info: Info;
  readonly files: readonly File[];
}

/** The files that this tab holds; for the others, those that their handles give. `null` where there are none. */
export function heldOrGranted(
  wanted: readonly TorrentFile[],
  held: readonly ChosenFile[],
  granted: readonly (File | null)[] | null,
): readonly (File | null)[] | null {
  if (held.length === 0) return granted;
  return matchFiles(wanted, held).map((item, index) => item?.file ?? granted?.[index] ?? null);
}

/** The files chosen again; for the others, the files that their handles still give. */
export async function withGranted(chosen: readonly (ChosenFile | null)[], handles: TorrentRecord['handles']): Promise<(File | null)[]> {
  const granted = await grantedFiles(handles);
  return chosen.map((item, index) => item?.file ?? granted?.[index] ?? null);
}

export async function grantedFile(handle: FileSystemFileHandle): Promise<File | null> {
  const [file] = await Promise.allSettled([handle.getFile()]);
  return file.status === 'fulfilled' ? file.value : null;
}
