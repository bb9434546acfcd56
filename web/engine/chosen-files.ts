import type { ChosenFile, TorrentFile } from '../bridge/protocol.ts';
import type { TorrentRecord } from './torrent-record.ts';

/**
 * Finds the torrent's files among files that were chosen again: by path and length, then by name and length, since a folder may have been
 * renamed or its files chosen one by one. `null` where nothing fits; whether the bytes are the same is for the hash to say.
 */
export function matchFiles(wanted: readonly TorrentFile[], chosen: readonly ChosenFile[]): (ChosenFile | null)[] {
  const byPath = new Map(chosen.map((item) => [keyOf(item.path, item.file.size), item]));
  const byName = new Map(chosen.map((item) => [keyOf(item.path.slice(-1), item.file.size), item]));
  // A share of one file has the title its owner gave it, not the file's name: then the length alone must do.
  const byLength = new Map(wanted.length === 1 ? chosen.map((item) => [item.file.size, item]) : []);
  return wanted.map(({ path, length }) => {
    // Below the torrent's name, the chosen path may begin with the folder that gave it.
    const below = byPath.get(keyOf(path, length)) ?? byPath.get(keyOf(path.slice(1), length));
    return below ?? byName.get(keyOf(path.slice(-1), length)) ?? byLength.get(length) ?? null;
  });
}

function keyOf(path: readonly string[], length: number): string {
  return `${length}:${path.join('/')}`;
}

/** The handles that came with chosen files; `null` where none did. */
export function handlesOf(chosen: readonly (ChosenFile | null)[]): TorrentRecord['handles'] {
  return chosen.some((item) => item?.handle !== undefined) ? chosen.map((item) => item?.handle ?? null) : null;
}

/** All of them, or none where one is missing. */
export function completeHandles(handles: TorrentRecord['handles']): readonly FileSystemFileHandle[] {
  const kept = handles?.filter((handle) => handle !== null) ?? [];
  return kept.length === handles?.length ? kept : [];
}

/** Files behind handles whose permission outlived the reload; `null` where none did. */
export async function grantedFiles(handles: TorrentRecord['handles']): Promise<(File | null)[] | null> {
  if (handles === null) return null;
  const files = await Promise.all(handles.map(async (handle) => (handle === null ? null : grantedFile(handle))));
  return files.some((file) => file !== null) ? files : null;
}

async function grantedFile(handle: FileSystemFileHandle): Promise<File | null> {
  const [file] = await Promise.allSettled([handle.getFile()]);
  return file.status === 'fulfilled' ? file.value : null;
}
