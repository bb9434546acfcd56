import { m } from '../../paraglide/messages.js';
import type { Activity } from '../../state/history/activity-log.ts';
import type { TorrentView } from '../../state/torrent-view.svelte.ts';
import { displayText } from '../text/display-text.ts';

/** The sentence for what people asked to be told; `null` for everything else. */
export function noticeOf({ snapshot: { mine, name } }: TorrentView, activity: Activity): string | null {
  const shown = displayText(name);
  if (activity.kind === 'joined' && mine) return m.notify_opened({ name: shown });
  if (activity.kind === 'saved' && mine) return m.notify_saved({ name: shown });
  return activity.kind === 'finished' ? m.notify_finished({ name: shown }) : null;
}

/** Shown only while the person looks elsewhere. Several tabs of this browser show it once: the tag is the same. */
export function notify(torrent: TorrentView, activity: Activity): void {
  const text = noticeOf(torrent, activity);
  if (text === null || document.visibilityState === 'visible' || Notification.permission !== 'granted') return;
  const notification = new Notification(m.app_name(), { body: text, tag: `${torrent.id} ${activity.kind}`, icon: '/icon-192.png' });
  notification.addEventListener('click', () => {
    window.focus();
    location.hash = `#/torrent/${torrent.snapshot.infoHash ?? torrent.id}`;
    notification.close();
  });
}
