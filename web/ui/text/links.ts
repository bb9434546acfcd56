import { maxShownCharacters } from '../../../shared/limits.ts';
import { decoded } from '../../state/decoded.ts';

/** A link as people share it: a real magnet link in the fragment, which browsers never send to a server. */
export function pageLink(magnet: string, origin: string): string {
  return `${origin}/#${magnet}`;
}

/**
 * The magnet link in what somebody pasted: the link itself, a page's address with one in its fragment (percent-encoded, as some messengers
 * send it), the address a share has in its own browser, or a bare info hash.
 */
export function magnetIn(text: string, ownTracker: string): string | null {
  const trimmed = text.trim();
  const link = /magnet:\S*/i.exec(trimmed)?.[0] ?? decoded(/magnet%3a\S*/i.exec(trimmed)?.[0] ?? '');
  if (/^magnet:/i.test(link)) return link;
  const [, s, host, hash] = /\bhttp(s?):\/\/([^\s/?#]+)\/#\/torrent\/([\da-f]{40})\b/i.exec(trimmed) ?? [];
  if (hash !== undefined) return hashLink(hash, `ws${s}://${host}/announce`);
  return /^[\da-f]{40}$/i.test(trimmed) ? hashLink(trimmed, ownTracker) : null;
}

function hashLink(hash: string, tracker: string): string {
  return `magnet:?xt=urn:btih:${hash.toLowerCase()}&tr=${encodeURIComponent(tracker)}`;
}

/** The trackers a magnet link names. */
export function trackersOf(magnet: string): string[] {
  const query = magnet.slice(magnet.indexOf('?') + 1);
  return new URLSearchParams(query).getAll('tr');
}

/** A link from elsewhere names no tracker that browsers can reach: all its trackers speak UDP or HTTP. One without any says nothing. */
export function isForeign(magnet: string): boolean {
  const trackers = trackersOf(magnet);
  return trackers.length > 0 && !trackers.some((tracker) => /^wss?:/i.test(tracker));
}

/** The name a link carries before its metadata is known, `''` for none. */
export function nameOf(magnet: string): string {
  const query = magnet.slice(magnet.indexOf('?') + 1);
  return shown(new URLSearchParams(query).get('dn') ?? '');
}

/** A stranger's text: control and bidirectional formatting characters out, cut to what is sensible to show. */
export function shown(text: string): string {
  return text.replaceAll(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').slice(0, maxShownCharacters);
}
