import type { InfoHash } from '../../../shared/ids.ts';
import { scopeOf } from '../../../shared/torrent/magnet/address-scope.ts';
import { writeShortLink } from '../../../shared/torrent/magnet/short-link.ts';

/** Where the page is, and what is known of its host. */
export interface PageAddress {
  readonly origin: string;
  /** Where other devices of the network reach it; `null` where that is not known. */
  readonly lanOrigin: string | null;
  /** What every page of this host announces to. */
  readonly trackers: readonly string[];
}

/** What people give to others. All of it stands in the fragment, which browsers never send to a server. */
export interface ShareLinks {
  readonly link: string;
  /** The link in a QR code: without a name that would make its squares small. */
  readonly qr: string;
  /** The whole magnet link, for other programs. */
  readonly magnet: string;
  /** They name this computer as `localhost`: nobody else can open them. */
  readonly hereOnly: boolean;
}

/** A QR code of 37 × 37 squares holds 106 bytes: an address of 38, the hash, and this. */
const maxQrNameCharacters = 40;

const hashCharacters = 27;

/**
 * A link is short where the page's own trackers are all that it needs to name: with trackers or web seeds of others it is the magnet link.
 * At `localhost` it leads to the page's address in the network, where there is one.
 */
export function shareLinksOf(magnet: string, page: PageAddress): ShareLinks {
  const { hostname } = new URL(page.origin);
  const origin = page.lanOrigin !== null && scopeOf(hostname) === 'loopback' ? page.lanOrigin : page.origin;
  const reachable = magnet.replaceAll(`tr=${encodeURIComponent(trackerAt(page.origin))}`, `tr=${encodeURIComponent(trackerAt(origin))}`);
  const hereOnly = scopeOf(new URL(origin).hostname) === 'loopback';
  const short = shortForm(magnet, [...page.trackers, trackerAt(page.origin)]);
  if (short === null) return { link: `${origin}/#${reachable}`, qr: `${origin}/#${reachable}`, magnet: reachable, hereOnly };
  const [hashAndStrategy = short] = short.split('/', 1);
  const fitting = short.length > hashCharacters + 1 + maxQrNameCharacters ? hashAndStrategy : short;
  return { link: `${origin}/#${short}`, qr: `${origin}/#${fitting}`, magnet: reachable, hereOnly };
}

/** The tracker is where the page came from. */
function trackerAt(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}/announce`;
}

function shortForm(magnet: string, known: readonly string[]): string | null {
  const query = new URLSearchParams(magnet.slice(magnet.indexOf('?') + 1));
  const [, infoHash] = /^urn:btih:([\da-f]{40})$/.exec(query.get('xt') ?? '') ?? [];
  const isKnown = query.getAll('tr').every((tracker) => known.includes(tracker));
  if (infoHash === undefined || !isKnown || query.has('ws')) return null;
  return writeShortLink(infoHash as InfoHash, query.get('dn') ?? '', query.get('x.ts') ?? '');
}
