import type { ListedShare } from '../../../shared/tracker/listing.ts';

/** The magnet link (BEP 9) of a listed share. What its publisher announces to besides is learned from nobody: the host's tracker has its seeds. */
export function listedMagnet({ infoHash, name }: Pick<ListedShare, 'infoHash' | 'name'>, tracker: string): string {
  return `magnet:?xt=urn:btih:${infoHash}&dn=${encodeURIComponent(name)}&tr=${encodeURIComponent(tracker)}`;
}
