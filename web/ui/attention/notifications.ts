import { notificationHash } from '../../bridge/downloads.ts';
import { m } from '../../paraglide/messages.js';
import type { Activity } from '../../state/history/activity-log.ts';
import type { TorrentView } from '../../state/torrent-view.svelte.ts';
import { displayText } from '../text/display-text.ts';

/** Missing on iPhones outside of an installed app, and over plain http. */
export function canNotify(): boolean {
  return 'Notification' in globalThis;
}

/** Browsers ask only in the task of a click. True if the person said yes, now or before. */
export async function askToNotify(): Promise<boolean> {
  return (await Notification.requestPermission()) === 'granted';
}

/** The sentence for what people asked to be told; `null` for everything else. */
export function noticeOf({ snapshot: { mine, name } }: TorrentView, activity: Activity): string | null {
  const shown = displayText(name);
  if (activity.kind === 'joined' && mine) return m.notify_opened({ name: shown });
  if (activity.kind === 'saved' && mine) return m.notify_saved({ name: shown });
  return activity.kind === 'finished' ? m.notify_finished({ name: shown }) : null;
}

/** Shown only while the person looks elsewhere. Several tabs of this browser show it once: the tag is the same. */
export async function notify(torrent: TorrentView, activity: Activity): Promise<void> {
  const text = noticeOf(torrent, activity);
  if (text === null || document.visibilityState === 'visible' || Notification.permission !== 'granted') return;
  const data = { hash: `#/torrent/${torrent.snapshot.infoHash ?? torrent.id}` };
  const options = { body: text, tag: `${torrent.id} ${activity.kind}`, icon: '/icon-192.png', data };
  const registration = await serviceWorker();
  if (registration !== null) return registration.showNotification(m.app_name(), options);
  showFromPage(options);
}

/** Phones show notifications of service workers only. `null` where none is in charge: on a first visit, and in some private windows. */
async function serviceWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator)) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return registration?.active === null ? null : (registration ?? null);
}

function showFromPage(options: NotificationOptions & { readonly data: { readonly hash: string } }): void {
  const notification = new Notification(m.app_name(), options);
  notification.addEventListener('click', () => {
    window.focus();
    location.hash = options.data.hash;
    notification.close();
  });
}

/** A notification of the service worker was pressed, and this page is in front now. */
export function onServiceWorkerMessage({ data }: MessageEvent<unknown>): void {
  const hash = notificationHash(data);
  if (hash !== null) location.hash = hash;
}
