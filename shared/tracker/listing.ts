import type { InfoHash } from '../ids.ts';

/**
 * The catalogue's messages, used by the page that lists a share and by the tracker that keeps the list. Tabswarm's own protocol, no BEP: JSON over
 * http, signed with ECDSA over P-256 and SHA-256 (FIPS 186-5; the one curve every browser's WebCrypto has) by a key of the publisher's browser.
 */

/** What a publisher makes public. The tracker cannot check more of it than that somebody seeds the info hash. */
export interface Listing {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly sizeBytes: number;
  readonly fileCount: number;
}

/** A listing as the tracker answers it, with the people of its swarm at that moment. */
export interface ListedShare extends Listing {
  readonly seeds: number;
  readonly leeches: number;
  /** The publisher's key: the uncompressed point, 65 bytes, in base64url. */
  readonly publicKey: string;
}

/** `GET /api/catalogue?search=&page=`: one page, newest first. `page` counts from 1. */
export interface CataloguePage {
  readonly shares: readonly ListedShare[];
  readonly total: number;
  readonly page: number;
  readonly pages: number;
}

/** `GET /api/catalogue/<infohash>`. A publisher signs with the tracker's time, so that a browser's wrong clock does no harm. */
export interface CatalogueShare {
  readonly share: ListedShare | null;
  /** The tracker's Unix time in milliseconds. */
  readonly nowMs: number;
}

/** What every signed request carries beside its own fields. */
export interface Signature {
  readonly publicKey: string;
  /** Unix time in milliseconds. */
  readonly signedAtMs: number;
  /** The 64 bytes r ‖ s in base64url. */
  readonly signature: string;
}

/** Where the catalogue is on every tracker that has one. */
export const cataloguePath = '/api/catalogue';

/** The canonical text that listing signs: one field a line, and no name can hold a line break, as JSON. */
export function listingText({ infoHash, name, sizeBytes, fileCount }: Listing, signedAtMs: number): string {
  return ['tabswarm catalogue 1', 'list', infoHash, sizeBytes, fileCount, JSON.stringify(name), signedAtMs].join('\n');
}

/** The canonical text that taking off the list signs. */
export function removalText(infoHash: InfoHash, signedAtMs: number): string {
  return ['tabswarm catalogue 1', 'remove', infoHash, signedAtMs].join('\n');
}
