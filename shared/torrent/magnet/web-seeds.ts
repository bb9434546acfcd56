import type { InfoHash } from '../../ids.ts';
import { maxWebSeeds } from '../../limits.ts';
import { parseUrl } from './trackers.ts';

/**
 * Addresses of web seeds (BEP 19, https://www.bittorrent.org/beps/bep_0019.html): a file's own address where the torrent is a single
 * file, else a folder's, below which the paths of the torrent are.
 */

/**
 * The web seeds a page may ask, at most {@link maxWebSeeds}: `https:` and `http:` where `mayReach` says so of the URL. None with a name and
 * password, which would be sent to a server that the link's author chose, and none with a query, by which a link could give orders.
 */
export function usableWebSeeds(urls: readonly string[], mayReach: (url: URL) => boolean): string[] {
  const usable = new Set<string>();
  for (const text of urls) {
    const url = parseUrl(text);
    if (url === null || url.username !== '' || url.password !== '' || url.href.includes('?')) continue;
    if ((url.protocol === 'https:' || url.protocol === 'http:') && mayReach(url)) usable.add(url.href);
  }
  return [...usable].slice(0, maxWebSeeds);
}

/**
 * Where a file is; `path` as received, the torrent's name first (`webSeedPath`). `null` where a part of it would lead elsewhere: `.`, `..`
 * and nothing at all, which servers and browsers resolve.
 */
export function webSeedFile(seed: string, path: readonly string[]): string | null {
  if (path.some((part) => part === '' || part === '.' || part === '..')) return null;
  // Some lists leave out the slash that BEP 19 wants after a folder.
  if (!seed.endsWith('/') && path.length === 1) return seed;
  return `${seed.replace(/\/?$/, '/')}${path.map(encodeURIComponent).join('/')}`;
}

/**
 * Where a web seed like our own tracker has the .torrent: beside the folder that is named by the info hash and holds the files. `null` for
 * all others: BEP 19 knows no such address, and nobody's server is asked for what it never offered.
 */
export function webSeedTorrent(seed: string, infoHash: InfoHash): string | null {
  const url = parseUrl(seed);
  const folder = url?.pathname.slice(0, url.pathname.lastIndexOf('/')) ?? '';
  return url !== null && url.search === '' && folder.endsWith(`/${infoHash}`) ? `${url.origin}${folder}.torrent` : null;
}
