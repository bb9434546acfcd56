/** What another app shared with the installed app: between the service worker, which receives it, and the page, which asks the person. */

/** The manifest names this path; only the service worker answers it. */
export const sharedItemsPath = '/-/shared';

/** Page → service worker: hand over what came, over the port of the message; `null` where nothing waits. */
export interface TakeShared {
  readonly kind: 'takeShared';
}

export interface SharedItems {
  readonly files: readonly File[];
  /** A text or a link; empty where there is none. */
  readonly text: string;
}
