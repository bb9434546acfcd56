import type { InfoHash } from '../../../shared/ids.ts';

/** Which shares this browser listed publicly: info hashes in `localStorage`, so that they can be listed again when the tracker forgot them. */
const storageKey = 'tabswarm.listed';

export function readListed(): Set<InfoHash> {
  try {
    const hashes = (localStorage.getItem(storageKey) ?? '').split(' ');
    return new Set(hashes.filter((hash): hash is InfoHash => /^[\da-f]{40}$/.test(hash)));
  } catch {
    // The browser refuses storage to this page: nothing is listed again then.
    return new Set();
  }
}

export function rememberListed(infoHash: InfoHash, listed: boolean): void {
  const all = readListed();
  if (listed === all.has(infoHash)) return;
  if (listed) all.add(infoHash);
  else all.delete(infoHash);
  try {
    localStorage.setItem(storageKey, [...all].join(' '));
  } catch {
    // Refused or full, as above.
  }
}
