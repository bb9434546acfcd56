import { failureOf } from '../../../../shared/failure.ts';
import type { EngineMirror } from '../../../state/engine-mirror.svelte.ts';
import type { TorrentView } from '../../../state/torrent-view.svelte.ts';
import { pickFolder } from './pickers.ts';
import { saved } from './save-arriving.ts';

/**
 * Downloads these files (one flag a file) to a folder that the person picks, as they come: for what does not fit into the browser's storage.
 * Starts in the task of the click, because pickers require that.
 */
export async function downloadToFolder(engine: EngineMirror, torrent: TorrentView, flags: readonly boolean[]): Promise<void> {
  const files = torrent.files ?? [];
  const which = files.length === 1 ? 0 : 'all';
  torrent.failure = null;
  try {
    const target = await pickFolder();
    if (target?.kind !== 'folder') return;
    torrent.saves.set(which, 'writing');
    torrent.wantedFiles = Uint8Array.from(flags, Number);
    await engine.downloadTo(torrent, flags, target.handle);
    torrent.saves.delete(which);
    const indices = [...files.keys()].filter((index) => flags[index] === true && files[index]?.linkTarget === undefined);
    await saved(engine, torrent, indices);
  } catch (error) {
    torrent.saves.delete(which);
    torrent.failure = failureOf(error, 'saveFailed');
  }
}
