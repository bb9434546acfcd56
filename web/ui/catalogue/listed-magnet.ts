import type { ListedShare } from '../../../shared/tracker/listing.ts';

/** The magnet link (BEP 9) of a listed share. It names the host's tracker only: the catalogue lists shares that have seeds there. */
export function listedMagnet({ infoHash, name }: Pick<ListedShare, 'infoHash' | 'name'>, tracker: string): string {
  return `magnet:?xt=urn:btih:${infoHash}&dn=${encodeURIComponent(name)}&tr=${encodeURIComponent(tracker)}`;
}
