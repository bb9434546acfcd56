/**
 * The messages between service worker and page about a file that a media element plays. The page makes the path and knows the file; the service
 * worker keeps nothing, because browsers stop it between two requests. The bytes come straight from the engine.
 */

/** Service worker → page: one of its media elements asks for a file. */
export interface MediaRequest {
  readonly kind: 'media';
  readonly token: string;
  readonly control: MessagePort;
}

/** Page → service worker, over `control`. */
export type MediaAnswer =
  | { readonly kind: 'file'; readonly length: number; readonly mime: string }
  /** No such path, or no longer. */
  | { readonly kind: 'unknown' };

/** Service worker → page, over `control`: send this part to `port` (see `SaveTarget`). */
export interface MediaRange {
  readonly offset: number;
  readonly length: number;
  readonly port: MessagePort;
}

/** Everything below this path is answered by the service worker alone. */
export const mediaPath = '/-/media/';
