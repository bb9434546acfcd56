import { inlineTypeOf } from '../../bridge/inline-types.ts';
import type { TorrentView } from '../../state/torrent-view.svelte.ts';
import { canStreamMedia } from './open-media.ts';

/** A picture larger than this is no picture for a page: it is decoded whole. */
const mostImageBytes = 200_000_000;

/** Whether this file can be shown now: sound and films while they download, all else once it is complete. */
export function canOpen(torrent: TorrentView, file: number): boolean {
  const item = torrent.files?.[file];
  const type = inlineTypeOf(item?.path.at(-1) ?? '');
  if (item === undefined || type === null || item.linkTarget !== undefined || item.length === 0) return false;
  if (type.kind === 'image' && item.length > mostImageBytes) return false;
  if (torrent.fileDone(file)) return torrent.snapshot.source !== 'unreachable';
  const plays = type.kind === 'video' || type.kind === 'audio';
  const { phase } = torrent.snapshot;
  return plays && (phase === 'downloading' || phase === 'stalled') && torrent.wants(file) && canStreamMedia();
}

/** A share that is nothing but a short text, for example a pasted one, is shown without a click. */
const shortTextBytes = 64 * 1024;

export function isShortText(torrent: TorrentView): boolean {
  return isOnlyShortText(torrent.files) && canOpen(torrent, 0);
}

/** The same of its list of files alone, before anything is here. */
export function isOnlyShortText(files: TorrentView['files']): boolean {
  const [only, ...others] = files ?? [];
  if (only === undefined || others.length > 0 || only.linkTarget !== undefined) return false;
  return inlineTypeOf(only.path.at(-1) ?? '')?.kind === 'text' && only.length <= shortTextBytes;
}
