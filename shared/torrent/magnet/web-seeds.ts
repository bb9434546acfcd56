import type { InfoHash } from '../../ids.ts';
import { maxWebSeeds } from '../../limits.ts';
import { isLoopback, parseUrl } from './trackers.ts';

/**
 * Addresses of web seeds (BEP 19, https://www.bittorrent.org/beps/bep_0019.html): a file's own address where the torrent is a single
 * file, else a folder's, below which the paths of the torrent are.
 */

/**
 * The web seeds a page may ask, at most {@link maxWebSeeds}: `https:`, and `http:` where `allowInsecure` says so of the URL's host. None
 * with a name and password, which would be sent to a server that the link's author chose.
 */
export function usableWebSeeds(urls: readonly string[], allowInsecure: (host: string) => boolean = isLoopback): string[] {
  const usable = new Set<string>();
  for (const text of urls) {
    const url = parseUrl(text);
    if (url === null || url.username !== '' || url.password !== '') continue;
    if (url.protocol === 'https:' || (url.protocol === 'http:' && allowInsecure(url.hostname))) usable.add(url.href);
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
 * Where a web seed like our own tracker has the .torrent: beside the folder that is named by the info hash. `null` for all others: BEP 19
 * knows no such address, and nobody's server is to be asked for what it never offered.
 */
export function webSeedTorrent(seed: string, infoHash: InfoHash): string | null {
  const at = seed.indexOf(`/${infoHash}/`);
  return at === -1 ? null : `${seed.slice(0, at)}/${infoHash}.torrent`;
}
