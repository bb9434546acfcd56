/// <reference lib="webworker" />
import { afterDownloads, answerDownload, confirmDownloads, registerDownload } from './service/download-stream.ts';
import { answerShell, isShell, keepShell, openShell } from './service/app-shell.ts';
import { answerMedia } from './service/media-stream.ts';
import { sharedItemsPath } from './bridge/installed/shared-items.ts';
import { followNotification } from './service/notification-click.ts';
import { receiveShared, takeShared } from './service/share-target.ts';
import { mediaPath } from './bridge/media-streams.ts';
import { downloadPath, type ToServiceWorker } from './bridge/downloads.ts';

declare const self: ServiceWorkerGlobalScope;

/** Answers the app's own files when the server is away, and streams files out of the engine: to be saved, or played. Everything else goes to the network. */
self.addEventListener('install', (event) => {
  event.waitUntil(openShell());
  self.registration.active?.postMessage({ kind: 'newer' } satisfies ToServiceWorker);
});

// Claims the page that registered it, so that streamed saving works on the very first visit.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', (event) => {
  const message = event.data as ToServiceWorker;
  if (message.kind === 'download') registerDownload(message);
  if (message.kind === 'alive') confirmDownloads();
  if (message.kind === 'shell') event.waitUntil(keepShell(message.urls));
  if (message.kind === 'newer' && event.source instanceof ServiceWorker) giveWay(event.source);
  // A newer one waits since before this one was started again: asked at each start of a page.
  if (message.kind === 'shell' && self.registration.waiting !== null) giveWay(self.registration.waiting);
  if (message.kind === 'takeShared') event.ports[0]?.postMessage(takeShared(Date.now()));
  if (message.kind === 'takeOver') event.waitUntil(self.skipWaiting());
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (url.pathname.startsWith(downloadPath)) event.respondWith(answerDownload(event.request, url));
  else if (url.pathname.startsWith(mediaPath)) event.respondWith(answerMedia(event.request, url, pagesBehind(event.clientId)));
  else if (url.pathname === sharedItemsPath && event.request.method === 'POST') event.respondWith(receiveShared(event.request, Date.now()));
  else if (isShell(event.request, url)) event.respondWith(answerShell(event.request, url));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(followNotification(self.clients, event.notification.data));
});

/** The page that asked. A frame's own request comes from no page: any of them may have made its path. */
async function pagesBehind(clientId: string): Promise<readonly Client[]> {
  const page = clientId === '' ? undefined : await self.clients.get(clientId);
  return page === undefined ? self.clients.matchAll({ type: 'window' }) : [page];
}

/** Not in the middle of a download: the browser ends this service worker as soon as the newer one takes over. */
function giveWay(newer: ServiceWorker): void {
  afterDownloads(() => newer.postMessage({ kind: 'takeOver' } satisfies ToServiceWorker));
}
