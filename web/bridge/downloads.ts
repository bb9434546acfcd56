import type { TakeShared } from './installed/shared-items.ts';

/**
 * The messages between page and service worker about a streamed download. The bytes do not pass through the page: the engine writes them
 * to a MessagePort whose other end the service worker holds.
 */

/** Page → service worker: a download is about to be opened under a one-off path. */
export interface DownloadRegistration {
  readonly kind: 'download';
  /** 32 random hex characters; nobody can guess it, and it works once. */
  readonly token: string;
  readonly fileName: string;
  readonly entries: readonly DownloadEntry[];
  /** Several entries become one store-only ZIP, made in the service worker. */
  readonly zip: boolean;
  readonly control: MessagePort;
}

export interface DownloadEntry {
  readonly name: string;
  readonly length: number;
}

/** Service worker → page, over `control`. */
export type DownloadReport =
  /** The path answers now. */
  | { readonly kind: 'ready' }
  /** Answers {@link StayAlive}. Silence means that the browser ended the service worker, and with it the download. */
  | { readonly kind: 'alive' }
  /** Please connect the bytes of this entry: one at a time, in order. */
  | { readonly kind: 'entry'; readonly index: number }
  | { readonly kind: 'done' }
  /** The person stopped it in the browser's own list of downloads. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed' };

/** Page → service worker, over `control`. */
export type DownloadFeed =
  /** The engine's stream: `{pull: true}` in, an ArrayBuffer out, `null` at the end. */
  { readonly kind: 'bytes'; readonly port: MessagePort } | { readonly kind: 'failed' };

/** Page → service worker: the files of this page's build, to be kept for when the server is away. */
export interface ShellFiles {
  readonly kind: 'shell';
  readonly urls: readonly string[];
}

/** Sent every few seconds while a download runs: browsers stop a service worker that gets no event for half a minute. */
interface StayAlive {
  readonly kind: 'alive';
}

/** New service worker → the one in charge: tell me when no download needs you any more. */
interface NewerInstalled {
  readonly kind: 'newer';
}

/** … and its answer: take over. Taking over ends the old one, and every download that it streams. */
interface TakeOver {
  readonly kind: 'takeOver';
}

export type ToServiceWorker = DownloadRegistration | ShellFiles | StayAlive | NewerInstalled | TakeOver | TakeShared;

/** Everything below this path is answered by the service worker alone. */
export const downloadPath = '/-/save/';

/** Service worker → page: the person pressed a notification. */
export interface NotificationClick {
  readonly kind: 'notificationClick';
  /** Where in the app it leads: the fragment of an address. */
  readonly hash: string;
}

/** What the page gave the notification as `data`, or what came from the service worker; `null` where that is none of ours. */
export function notificationHash(data: unknown): string | null {
  const hash = typeof data === 'object' && data !== null && 'hash' in data ? data.hash : null;
  return typeof hash === 'string' && hash.startsWith('#/torrent/') ? hash : null;
}
