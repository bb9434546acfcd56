import { failureOf } from '../../../../shared/failure.ts';
import type { StreamTarget, TorrentFile } from '../../../bridge/protocol.ts';
import type { EngineMirror } from '../../../state/engine-mirror.svelte.ts';
import type { SaveMethod } from '../../../state/route.svelte.ts';
import type { TorrentView } from '../../../state/torrent-view.svelte.ts';
import { pickFile } from './pickers.ts';
import { arrivingMethod, saveAbilities } from './save-method.ts';
import { streamDownload } from './streamed-download.ts';

/** The last byte may be saved before the last snapshot says that all is here: so many looks, a quarter of a second apart. */
const mostLooks = 40;
const lookMs = 250;

/**
 * Downloads a torrent of one file and saves the file as it comes, where the browser can: nothing is left to do at the end. Starts in the task
 * of the click, because pickers require that. Where it cannot, or fails, the file is saved with the Save button.
 */
export async function downloadAndSave(
  engine: EngineMirror,
  torrent: TorrentView,
  file: TorrentFile,
  requested: SaveMethod | null,
): Promise<void> {
  // An earlier click is still on its way to the engine.
  if (torrent.isSaving) return;
  torrent.failure = null;
  const method = file.linkTarget === undefined ? arrivingMethod(requested, file.length, saveAbilities()) : null;
  try {
    const picked = method === 'picker' ? await pickFile(nameOf(file)) : null;
    if (method === 'picker' && picked?.kind !== 'file') return;
    if (method !== null) torrent.saves.set(0, 'writing');
    await engine.want(torrent, [true]);
    if (method === null) return;
    const isSaved = picked?.kind === 'file' ? await save(engine, torrent, file, picked) : await saveToDownloads(engine, torrent, file);
    torrent.saves.delete(0);
    if (isSaved) await saved(engine, torrent, [0]);
  } catch (error) {
    torrent.saves.delete(0);
    torrent.failure = failureOf(error, 'saveFailed');
  }
}

async function save(engine: EngineMirror, torrent: TorrentView, { length }: TorrentFile, target: StreamTarget): Promise<true> {
  await engine.stream(torrent, { file: 0, offset: 0, length, bytesPerSecond: 0 }, target);
  return true;
}

/** Resolves with `false` when the person stops it in the browser's list of downloads. */
function saveToDownloads(engine: EngineMirror, torrent: TorrentView, file: TorrentFile): Promise<boolean> {
  const name = nameOf(file);
  const entries = [{ name, length: file.length }];
  return streamDownload({ fileName: name, entries, zip: false, open: (_, port) => save(engine, torrent, file, { kind: 'stream', port }) });
}

/** These files are in their place: remembered, and told to others as soon as everything that was wanted is. */
export async function saved(engine: EngineMirror, torrent: TorrentView, files: readonly number[]): Promise<void> {
  torrent.markSaved(files);
  for (let look = 0; look < mostLooks && !torrent.saved; look++) await new Promise((resolve) => setTimeout(resolve, lookMs));
  if (torrent.saved) engine.tellSaved(torrent);
}

function nameOf(file: TorrentFile): string {
  return file.path.at(-1) ?? 'file';
}
