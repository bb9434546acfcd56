import { maxShownCharacters } from '../../shared/limits.ts';

/** A link as people share it: a real magnet link in the fragment, which browsers never send to a server. */
export function pageLink(magnet: string, origin: string): string {
  return `${origin}/#${magnet}`;
}

/** The magnet link in what somebody pasted: the link itself, a page's address with one in its fragment, or a bare info hash. */
export function magnetIn(text: string, ownTracker: string): string | null {
  const trimmed = text.trim();
  const start = trimmed.search(/magnet:/i);
  if (start >= 0) return trimmed.slice(start).split(/\s/, 1)[0] ?? null;
  if (!/^[\da-f]{40}$/i.test(trimmed)) return null;
  return `magnet:?xt=urn:btih:${trimmed.toLowerCase()}&tr=${encodeURIComponent(ownTracker)}`;
}

/** The trackers a magnet link names. */
export function trackersOf(magnet: string): string[] {
  const query = magnet.slice(magnet.indexOf('?') + 1);
  return new URLSearchParams(query).getAll('tr');
}

/** A link from elsewhere names no tracker that browsers can reach: all its trackers speak UDP or HTTP. */
export function isForeign(magnet: string): boolean {
  return !trackersOf(magnet).some((tracker) => /^wss?:/i.test(tracker));
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
