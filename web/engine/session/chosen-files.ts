import type { ChosenFile, TorrentFile } from '../../bridge/protocol.ts';
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

/** The handles that came with chosen files, and the `former` ones of files that were not chosen; `null` where there are none. */
export function handlesOf(chosen: readonly (ChosenFile | null)[], former: TorrentRecord['handles'] = null): TorrentRecord['handles'] {
  const handles = chosen.map((item, index) => (item === null ? former?.[index] : item.handle) ?? null);
  return handles.some((handle) => handle !== null) ? handles : null;
}

/** Where files are that the engine cannot read. */
interface Lacking {
  readonly files: readonly TorrentFile[];
  readonly outOfReach: readonly number[];
}

/** The handles by which files out of reach could be read if the person allowed it. What is gone or has changed, no permission brings back. */
export async function askableHandles(handles: TorrentRecord['handles'], lacking: Lacking | null): Promise<FileSystemFileHandle[]> {
  if (handles === null || lacking === null) return [];
  const { files, outOfReach } = lacking;
  const asked = outOfReach.map(async (index) => {
    const handle = handles[index] ?? null;
    return handle !== null && (await mayHelp(handle, files[index]!.length)) ? [handle] : [];
  });
  return (await Promise.all(asked)).flat();
}

async function mayHelp(handle: FileSystemFileHandle, length: number): Promise<boolean> {
  const [file] = await Promise.allSettled([handle.getFile()]);
  // Allowed since it was last tried, perhaps together with files of another share.
  if (file.status === 'fulfilled') return file.value.size === length;
  return file.reason instanceof DOMException && file.reason.name === 'NotAllowedError';
}

/** Files behind handles whose permission outlived the reload; `null` where none did. */
export async function grantedFiles(handles: TorrentRecord['handles']): Promise<(File | null)[] | null> {
  if (handles === null) return null;
  const files = await Promise.all(handles.map(async (handle) => (handle === null ? null : grantedFile(handle))));
  return files.some((file) => file !== null) ? files : null;
}

/** What was chosen again; of the other files, what their handles still give. */
export async function withGranted(chosen: readonly (ChosenFile | null)[], handles: TorrentRecord['handles']): Promise<(File | null)[]> {
  const granted = await grantedFiles(handles);
  return chosen.map((item, index) => item?.file ?? granted?.[index] ?? null);
}

async function grantedFile(handle: FileSystemFileHandle): Promise<File | null> {
  const [file] = await Promise.allSettled([handle.getFile()]);
  return file.status === 'fulfilled' ? file.value : null;
}
