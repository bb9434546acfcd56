import { TabswarmError } from '../../../../shared/failure.ts';
import type { EngineMirror } from '../../../state/engine-mirror.svelte.ts';
import type { TorrentView } from '../../../state/torrent-view.svelte.ts';
import { magnetName } from '../../links/magnet-links.ts';
import { downloadBlob } from '../../receive/saving/save-files.ts';
import { fromBase64, type LibraryEntry, mostLibraryBytes, readLibrary, toBase64, writeLibrary } from './library-file.ts';

/** Saves a file with the link of each torrent, and its `.torrent` where its metadata is known. No content, no files. */
export async function exportLibrary(engine: EngineMirror, torrents: readonly TorrentView[]): Promise<void> {
  const entries: LibraryEntry[] = [];
  for (const torrent of torrents) {
    const { magnet, fileCount } = torrent.snapshot;
    if (magnet === null) continue;
    const bytes = fileCount > 0 ? await engine.torrentFile(torrent) : null;
    entries.push(bytes === null ? { link: magnet } : { link: magnet, torrent: toBase64(bytes) });
  }
  downloadBlob(writeLibrary(entries), 'tabswarm-library.json');
}

/**
 * Adds what the file names, paused: nobody is asked for anything until the person presses Resume. Replies with the number of torrents.
 * @throws TabswarmError `badLibrary`, or that of the first entry that is refused
 */
export async function importLibrary(engine: EngineMirror, file: Blob): Promise<number> {
  if (file.size > mostLibraryBytes) throw new TabswarmError('badLibrary');
  const entries = readLibrary(await file.text());
  const known = new Set([...engine.torrents.keys(), ...engine.unseen]);
  for (const { link, torrent } of entries) {
    if (torrent !== undefined) await engine.open(new Blob([fromBase64(torrent)]), 'no', true);
    const id = await engine.open(link, 'no', true);
    // A title stands in the link alone; what is here already keeps the one that it has here.
    const title = magnetName(link);
    if (torrent !== undefined && title !== '' && !known.has(id)) await engine.rename({ id, failure: null }, title);
  }
  return entries.length;
}
