/// <reference lib="webworker" />
import { answerDownload, confirmDownloads, registerDownload } from './service/download-stream.ts';
import { answerShell, isShell, keepShell, openShell } from './service/app-shell.ts';
import { downloadPath, type ToServiceWorker } from './bridge/downloads.ts';

declare const self: ServiceWorkerGlobalScope;

/** Answers the app's own files when the server is away, and streams saved files out of the engine. Everything else goes to the network. */
self.addEventListener('install', (event) => {
  event.waitUntil(Promise.all([openShell(), self.skipWaiting()]));
});

// Claims the page that registered it, so that streamed saving works on the very first visit.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', (event) => {
  const message = event.data as ToServiceWorker;
  if (message.kind === 'download') registerDownload(message);
  if (message.kind === 'alive') confirmDownloads();
  if (message.kind === 'shell') event.waitUntil(keepShell(message.urls));
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (url.pathname.startsWith(downloadPath)) event.respondWith(answerDownload(event.request, url));
  else if (isShell(event.request, url)) event.respondWith(answerShell(event.request, url));
});
