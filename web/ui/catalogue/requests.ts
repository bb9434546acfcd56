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
import { ownPublicKey, signed } from './publisher-key.ts';

/** What the page asks of the catalogue of its host. Rejects with `catalogueAway`, or with `catalogueRefused` and the tracker's reason. */

const answerMs = 10_000;

/** `page` counts from 1. */
export function fetchPage(search: string, page: number, signal: AbortSignal): Promise<CataloguePage> {
  return ask<CataloguePage>(`?${new URLSearchParams({ search, page: String(page) })}`, { signal });
}

/** The share as it is listed now, `null` where it is not. */
export async function fetchShare(infoHash: InfoHash): Promise<ListedShare | null> {
  const { share } = await ask<CatalogueShare>(`/${infoHash}`);
  return share;
}

export async function listShare(listing: Listing): Promise<ListedShare | null> {
  const { nowMs } = await ask<CatalogueShare>(`/${listing.infoHash}`);
  const body = { ...listing, ...(await signed(listingText(listing, nowMs), nowMs)) };
  const { share } = await ask<CatalogueShare>('', sent('POST', body));
  return share;
}

/** Where it was not listed any more, that is as good. */
export async function unlistShare(infoHash: InfoHash): Promise<ListedShare | null> {
  const { share, nowMs } = await ask<CatalogueShare>(`/${infoHash}`);
  if (share === null) return null;
  await ask<CatalogueShare>(`/${infoHash}`, sent('DELETE', await signed(removalText(infoHash, nowMs), nowMs)));
  return null;
}

/** Takes off the list what this browser listed, if it did; for a share that is being removed, which does not wait for it. */
export async function withdrawShare(infoHash: InfoHash): Promise<void> {
  const ownKey = await ownPublicKey();
  if (ownKey !== null && (await fetchShare(infoHash))?.publicKey === ownKey) await unlistShare(infoHash);
}

function sent(method: string, body: object): RequestInit {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const signal = AbortSignal.any([AbortSignal.timeout(answerMs), ...(init.signal ? [init.signal] : [])]);
  const [reached] = await Promise.allSettled([fetch(cataloguePath + path, { credentials: 'omit', ...init, signal })]);
  if (reached.status === 'rejected') throw new TabswarmError('catalogueAway');
  const response = reached.value;
  if (!response.ok) throw new TabswarmError('catalogueRefused', await response.text());
  return (await response.json()) as Answer;
}
