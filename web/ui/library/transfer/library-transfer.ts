import { TabswarmError } from '../../../../shared/failure.ts';
import type { EngineMirror } from '../../../state/engine-mirror.svelte.ts';
import type { TorrentView } from '../../../state/torrent-view.svelte.ts';
import { downloadBlob } from '../../receive/saving/save-files.ts';
import { fromBase64, type LibraryEntry, mostLibraryBytes, readLibrary, toBase64, writeLibraries } from './library-file.ts';

/** Saves a file with the link of each torrent, and its `.torrent` where its metadata is known. No content, no files. */
export async function exportLibrary(engine: EngineMirror, torrents: readonly TorrentView[]): Promise<void> {
  const entries: LibraryEntry[] = [];
  for (const torrent of torrents) {
    const { magnet, fileCount } = torrent.snapshot;
    if (magnet === null) continue;
    const bytes = fileCount > 0 ? await engine.torrentFile(torrent) : null;
    entries.push(bytes === null ? { link: magnet } : { link: magnet, torrent: toBase64(bytes) });
  }
  for (const [at, file] of writeLibraries(entries).entries()) downloadBlob(file, `tabswarm-library${at === 0 ? '' : `-${at + 1}`}.json`);
}

/**
 * Adds what the file names, paused: nobody is asked for anything until the person presses Resume. Replies with the number of torrents.
 * @throws TabswarmError `badLibrary`, or that of the first entry that is refused
 */
export async function importLibrary(engine: EngineMirror, file: Blob): Promise<number> {
  if (file.size > mostLibraryBytes) throw new TabswarmError('badLibrary');
  const entries = readLibrary(await file.text());
  for (const { link, torrent } of entries) {
    // The link first: title and strategy stand in it alone. What is here already keeps its own.
    await engine.open(link, 'no', true);
    if (torrent !== undefined) await engine.open(new Blob([fromBase64(torrent)]), 'no', true);
  }
  return entries.length;
}
