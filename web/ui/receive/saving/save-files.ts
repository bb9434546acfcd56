import { failureOf, TabswarmError } from '../../../../shared/failure.ts';
import type { TorrentFile } from '../../../bridge/protocol.ts';
import type { EngineMirror } from '../../../state/engine-mirror.svelte.ts';
import type { SaveMethod } from '../../../state/route.svelte.ts';
import type { TorrentView } from '../../../state/torrent-view.svelte.ts';
import { loaded } from '../../../part.ts';
import { pickFile, pickFolder } from './pickers.ts';
import { streamDownload } from './streamed-download.ts';
import { maxBlobBytes, saveAbilities, saveMethod } from './save-method.ts';

interface Item {
  readonly index: number;
  readonly file: TorrentFile;
}

/** Saves one file, or all complete files. Starts in the task of the click, because pickers require that. */
export async function saveFiles(
  engine: EngineMirror,
  torrent: TorrentView,
  which: number | 'all',
  requested: SaveMethod | null,
): Promise<void> {
  const before = torrent.saves.get(which);
  if (before === 'writing') return;
  torrent.failure = null;
  const items = itemsOf(torrent, which);
  let saved = false;
  try {
    saved = await saveItems(engine, torrent, which, items, requested);
  } catch (error) {
    torrent.failure = failureOf(error, 'saveFailed');
  }
  if (before === undefined) torrent.saves.delete(which);
  else torrent.saves.set(which, before);
  if (!saved) return;
  torrent.markSaved(items.map(({ index }) => index));
  if (torrent.saved) engine.tellSaved(torrent);
}

/** Resolves with `false` when the person cancels. */
async function saveItems(
  engine: EngineMirror,
  torrent: TorrentView,
  which: number | 'all',
  items: readonly Item[],
  requested: SaveMethod | null,
): Promise<boolean> {
  const [first] = items;
  if (first === undefined) throw new TabswarmError('notComplete');
  const bytes = items.reduce((sum, item) => sum + item.file.length, 0);
  switch (saveMethod(requested, bytes, items.length, saveAbilities())) {
    case 'picker':
      return saveWithPicker(engine, torrent, which, items);
    case 'stream':
      torrent.saves.set(which, 'writing');
      return saveStream(engine, torrent, items);
    case 'blob':
      if (bytes > maxBlobBytes) throw new TabswarmError('tooLargeForMemory');
      torrent.saves.set(which, 'writing');
      await saveBlob(engine, torrent, items);
      return true;
  }
}

function itemsOf(torrent: TorrentView, which: number | 'all'): Item[] {
  const items = (torrent.files ?? []).map((file, index) => ({ index, file }));
  return items.filter(({ index }) => (which === 'all' || index === which) && torrent.canSave(index));
}

async function saveWithPicker(engine: EngineMirror, torrent: TorrentView, which: number | 'all', items: readonly Item[]): Promise<boolean> {
  const [first] = items;
  const one = items.length === 1 ? first : undefined;
  const target = one === undefined ? await pickFolder() : await pickFile(fileNameOf(one.file));
  if (target === null) return false;
  torrent.saves.set(which, 'writing');
  await engine.save(torrent, one?.index ?? 'all', target);
  return true;
}

function saveStream(engine: EngineMirror, torrent: TorrentView, items: readonly Item[]): Promise<boolean> {
  const zip = items.length > 1;
  return streamDownload({
    fileName: zip ? `${torrent.snapshot.name}.zip` : fileNameOf(items[0]?.file),
    entries: items.map(({ file }) => ({ name: zip ? file.path.join('/') : fileNameOf(file), length: file.length })),
    zip,
    open: (entry, port) => engine.save(torrent, items[entry]?.index ?? 0, { kind: 'stream', port }),
  });
}

async function saveBlob(engine: EngineMirror, torrent: TorrentView, items: readonly Item[]): Promise<void> {
  const blobs: { name: string; input: Blob }[] = [];
  for (const { index, file } of items) {
    const blob = await engine.save(torrent, index, { kind: 'blob' });
    if (blob === null) throw new TabswarmError('saveFailed');
    blobs.push({ name: file.path.join('/'), input: blob });
  }
  const [only] = blobs;
  if (blobs.length === 1 && only !== undefined) return downloadBlob(only.input, fileNameOf(items[0]?.file));
  const { downloadZip } = await loaded(import('client-zip'));
  downloadBlob(
    await downloadZip(blobs.map(({ name, input }) => ({ name, input, size: input.size }))).blob(),
    `${torrent.snapshot.name}.zip`,
  );
}

function fileNameOf(file: TorrentFile | undefined): string {
  return file?.path.at(-1) ?? 'file';
}

/** The browser may start to read a downloaded Blob this much later. */
const revokeMs = 60_000;

export function downloadBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = fileName;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), revokeMs);
}
