import { fromStrictUtf8 } from '../bytes.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { maxScrapedHashes, maxShownCharacters } from '../limits.ts';
import type { Offer } from './client-messages.ts';
import { asCount, asId, asObject, asOfferId, asSdp, idFromBinary, type JsonObject, parseObject } from './json-fields.ts';

/** Tracker → client: what a tracker says to a WebTorrent client (client-messages.ts has the requests). Replies are matched by `info_hash` alone. */

/** How many peers hold everything, how many do not, and how many finished while the tracker watched. */
export interface SwarmCounts {
  readonly complete: number;
  readonly incomplete: number;
  readonly downloaded: number;
}

/** Tracker → client, as the client reads it. Numbers are whole and not negative; `null` where the tracker left them out. */
export type TrackerMessage =
  | {
      readonly kind: 'announced';
      readonly infoHash: InfoHash;
      readonly intervalSeconds: number | null;
      readonly complete: number | null;
      readonly incomplete: number | null;
      readonly warning: string | null;
    }
  | ({ readonly kind: 'offer' | 'answer'; readonly infoHash: InfoHash; readonly peerId: PeerId } & Offer)
  | { readonly kind: 'scraped'; readonly files: ReadonlyMap<InfoHash, SwarmCounts> }
  /** `infoHash` is `null` where the tracker named none (or one that is none): it means the socket as a whole. */
  | { readonly kind: 'failure'; readonly infoHash: InfoHash | null; readonly reason: string };

/** Reads one frame of a tracker; `null` where it is nothing this client knows. Never throws. */
export function parseTrackerMessage(text: string | Uint8Array): TrackerMessage | null {
  const decoded = typeof text === 'string' ? text : fromStrictUtf8(text);
  const message = decoded === null ? null : parseObject(decoded);
  if (message === null) return null;
  const id = asId(message['info_hash']);
  const infoHash = id === null ? null : (idFromBinary(id) as InfoHash);
  const reason = message['failure reason'];
  if (typeof reason === 'string') return { kind: 'failure', infoHash, reason: reason.slice(0, maxShownCharacters) };
  if (message['action'] === 'scrape') return parseScraped(message);
  if (message['action'] !== 'announce' || infoHash === null) return null;
  if (message['offer'] !== undefined) return parseRelayed(message, infoHash, 'offer');
  if (message['answer'] !== undefined) return parseRelayed(message, infoHash, 'answer');
  const warning = message['warning message'];
  return {
    kind: 'announced',
    infoHash,
    intervalSeconds: asCount(message['interval']),
    complete: asCount(message['complete']),
    incomplete: asCount(message['incomplete']),
    warning: typeof warning === 'string' ? warning.slice(0, maxShownCharacters) : null,
  };
}

function parseRelayed(message: JsonObject, infoHash: InfoHash, kind: 'offer' | 'answer'): TrackerMessage | null {
  const peerId = asId(message['peer_id']);
  const offerId = asOfferId(message['offer_id']);
  const sdp = asSdp(message[kind], kind);
  if (peerId === null || offerId === null || sdp === null) return null;
  return { kind, infoHash, peerId: idFromBinary(peerId) as PeerId, offerId, sdp };
}

function parseScraped(message: JsonObject): TrackerMessage | null {
  const listed = asObject(message['files']);
  if (listed === null) return null;
  const files = new Map<InfoHash, SwarmCounts>();
  for (const [key, value] of Object.entries(listed).slice(0, maxScrapedHashes)) {
    const id = asId(key);
    const counts = asObject(value);
    if (id === null || counts === null) continue;
    files.set(idFromBinary(id) as InfoHash, {
      complete: asCount(counts['complete']) ?? 0,
      incomplete: asCount(counts['incomplete']) ?? 0,
      downloaded: asCount(counts['downloaded']) ?? 0,
    });
  }
  return { kind: 'scraped', files };
}
