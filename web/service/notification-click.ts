import { type NotificationClick, notificationHash } from '../bridge/downloads.ts';

interface OpenPage {
  readonly frameType: string;
  readonly url: string;
  focus(): Promise<unknown>;
  postMessage(message: NotificationClick): void;
}

/** What is used of the service worker's `Clients`. */
interface OpenPages {
  matchAll(options: { readonly type: 'window' }): Promise<readonly OpenPage[]>;
  openWindow(url: string): Promise<unknown>;
}

/** Leads to what the notification is about: in a page of the app that is open, the one used last, or else in a new one. */
export async function followNotification(clients: OpenPages, data: unknown): Promise<void> {
  const hash = notificationHash(data);
  if (hash === null) return;
  const pages = await clients.matchAll({ type: 'window' });
  const page = pages.find(({ frameType, url }) => frameType === 'top-level' && new URL(url).pathname === '/');
  if (page === undefined) {
    await clients.openWindow(`/${hash}`);
    return;
  }
  await page.focus();
  page.postMessage({ kind: 'notificationClick', hash } satisfies NotificationClick);
}
