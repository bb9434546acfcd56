import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { progressOf } from '../../state/torrent-view.svelte.ts';
import { m } from '../../paraglide/messages.js';
import { percent } from './format.ts';
import { headline } from './headline.ts';
import { uiStateOf } from './ui-state.ts';

/** Changes when screen readers should hear something: with each state and every 10 %. More often would interrupt the announcement before. */
export function announcementKey(torrent: TorrentSnapshot): string {
  return `${torrent.id} ${uiStateOf(torrent)} ${Math.floor(progressOf(torrent) * 10)}`;
}

export function announcement(torrent: TorrentSnapshot): string {
  const progress = progressOf(torrent);
  if (uiStateOf(torrent) === 'downloading' && progress > 0) return m.live_progress({ name: torrent.name, percent: percent(progress) });
  return headline(torrent, { freeBytes: null, nowMs: Date.now(), stateMs: 0 });
}
