import { readShortLink } from '../../../shared/torrent/magnet/short-link.ts';
import { decoded } from '../../state/decoded.ts';
import { displayText } from '../text/display-text.ts';

/**
 * Finds the magnet link in a pasted text: the link itself, a page address with the link in its fragment (also percent-encoded, as some
 * messengers send it) or with a short link, the address of a share in its owner's browser, or a bare info hash.
 */
export function findMagnet(text: string, ownTracker: string): string | null {
  const trimmed = text.trim();
  const link = /magnet:\S*/i.exec(trimmed)?.[0] ?? decoded(/magnet%3a\S*/i.exec(trimmed)?.[0] ?? '');
  if (/^magnet:/i.test(link)) return link;
  const [, s, host, hash] = /\bhttp(s?):\/\/([^\s/?#]+)\/#\/torrent\/([\da-f]{40})\b/i.exec(trimmed) ?? [];
  if (hash !== undefined) return hashLink(hash, `ws${s}://${host}/announce`);
  const short = findShortLink(trimmed);
  if (short !== null) return short;
  return /^[\da-f]{40}$/i.test(trimmed) ? hashLink(trimmed, ownTracker) : null;
}

/** A short link means the tracker of the page that it leads to. */
function findShortLink(text: string): string | null {
  const [, s, host, fragment = ''] = /\bhttp(s?):\/\/([^\s/?#]+)\/(?:\?[^\s#]*)?#([\w-]{27}\S*)/i.exec(text) ?? [];
  const magnet = readShortLink(fragment);
  return magnet === null ? null : `${magnet}&tr=${encodeURIComponent(`ws${s}://${host}/announce`)}`;
}

function hashLink(hash: string, tracker: string): string {
  return `magnet:?xt=urn:btih:${hash.toLowerCase()}&tr=${encodeURIComponent(tracker)}`;
}

/** The trackers in a magnet link. */
export function magnetTrackers(magnet: string): string[] {
  const query = magnet.slice(magnet.indexOf('?') + 1);
  return new URLSearchParams(query).getAll('tr');
}

/** A foreign link has trackers, but none that browsers can reach: they all use UDP or HTTP. A link without trackers is not foreign. */
export function isForeign(magnet: string): boolean {
  const trackers = magnetTrackers(magnet);
  return trackers.length > 0 && !trackers.some((tracker) => /^wss?:/i.test(tracker));
}

/** The name in the link, for use before the metadata is known; `''` if it has none. */
export function magnetName(magnet: string): string {
  const query = magnet.slice(magnet.indexOf('?') + 1);
  return displayText(new URLSearchParams(query).get('dn') ?? '');
}
