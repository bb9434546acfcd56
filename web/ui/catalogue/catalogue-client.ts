import { TabswarmError } from '../../../shared/failure.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import {
  cataloguePath,
  listingText,
  removalText,
  type CataloguePage,
  type CatalogueShare,
  type ListedShare,
  type Listing,
} from '../../../shared/tracker/listing.ts';
import { loadedAgain } from '../../load-again.ts';
import { onceSeeded } from './once-seeded.ts';
import { rememberListed } from './listed-shares.ts';
import { ownPublicKey, signed } from './publisher-key.ts';

/** Requests to the host's catalogue. They reject with `catalogueAway`, or with `catalogueRefused` and the tracker's reason. */

const timeoutMs = 10_000;

/** `page` counts from 1. */
export function fetchPage(search: string, page: number, signal: AbortSignal): Promise<CataloguePage> {
  return ask<CataloguePage>(`?${new URLSearchParams({ search, page: String(page) })}`, { signal });
}

/** The current listing of this share, or `null`. */
export async function fetchShare(infoHash: InfoHash): Promise<ListedShare | null> {
  const { share } = await ask<CatalogueShare>(`/${infoHash}`);
  return share;
}

export async function listShare(listing: Listing): Promise<ListedShare | null> {
  const response = await onceSeeded(() => requestListing(listing), sleep);
  const { share } = await answerOf<CatalogueShare>(response);
  return share;
}

async function requestListing(listing: Listing): Promise<Response> {
  const { nowMs } = await ask<CatalogueShare>(`/${listing.infoHash}`);
  const body = { ...listing, ...(await signed(listingText(listing, nowMs), nowMs)) };
  return request('', requestOf('POST', body));
}

/** Does nothing if the share is not listed. */
export async function unlistShare(infoHash: InfoHash): Promise<ListedShare | null> {
  rememberListed(infoHash, false);
  const { share, nowMs } = await ask<CatalogueShare>(`/${infoHash}`);
  if (share === null) return null;
  await ask<CatalogueShare>(`/${infoHash}`, requestOf('DELETE', await signed(removalText(infoHash, nowMs), nowMs)));
  return null;
}

/**
 * Removes the listing if this browser made it, and tries a few times. Used when a share is removed, which does not wait for the answer: nobody
 * would see that it failed.
 */
export function unlistOwnShare(infoHash: InfoHash): Promise<void> {
  rememberListed(infoHash, false);
  return loadedAgain(async () => {
    const ownKey = await ownPublicKey();
    if (ownKey !== null && (await fetchShare(infoHash))?.publicKey === ownKey) await unlistShare(infoHash);
  });
}

function requestOf(method: string, body: object): RequestInit {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  return answerOf<Answer>(await request(path, init));
}

async function request(path: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(init.signal ? [init.signal] : [])]);
  const [fetched] = await Promise.allSettled([fetch(cataloguePath + path, { credentials: 'omit', ...init, signal })]);
  if (fetched.status === 'rejected') throw new TabswarmError('catalogueAway');
  return fetched.value;
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  if (!response.ok) throw new TabswarmError('catalogueRefused', await response.text());
  return (await response.json()) as Answer;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
