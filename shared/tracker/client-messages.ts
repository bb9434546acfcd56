import { fromStrictUtf8 } from '../bytes.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { maxNumwant, maxOffers, maxReportedPeers, maxScrapedHashes } from '../limits.ts';
import { asCount, asId, asInfoHash, asObject, asOfferId, asSdp, idToBinary, parseObject, type JsonObject } from './json-fields.ts';

/**
 * Client → tracker: what a WebTorrent client says to its tracker, one JSON object per WebSocket frame (server-messages.ts has the replies).
 * There is no BEP; this follows bittorrent-tracker 11 (https://github.com/webtorrent/bittorrent-tracker), which other clients and
 * trackers follow too. Ids travel as "binary strings" (20 UTF-16 units of 0–255).
 *
 * On the tracker's side ids stay the strings that came (they are map keys there, and echoed); on the client's side they are hex.
 * Left out: `trackerid` (no WebSocket tracker uses it) and scraping everything (a list of hashes shows what people share).
 */

export type AnnounceEvent = 'started' | 'completed' | 'stopped' | 'paused';

/** Also an answer. `offerId` is opaque: a binary string, echoed in the answer. */
export interface Offer {
  readonly offerId: string;
  readonly sdp: string;
}

/** Client → tracker, as the tracker reads it. `infoHash` (20 or 32 units) and `peerId` (20 units) are binary strings. */
export interface Announce {
  readonly kind: 'announce';
  readonly infoHash: string;
  readonly peerId: string;
  readonly numwant: number;
  /** Nothing left to download. `left: null` (a magnet link without metadata yet) is a leech, `completed` a seed whatever it says is left. */
  readonly seed: boolean;
  /** Bytes the peer still wants, as it says; `null` while it does not know. */
  readonly left: number | null;
  readonly event: AnnounceEvent | null;
  readonly offers: readonly Offer[];
  /** Peer ids to which a connection failed or was lost: our own hint to ping them and introduce them again. Other trackers ignore it. */
  readonly unreachable?: readonly string[];
}

export interface Answer extends Offer {
  readonly kind: 'answer';
  readonly infoHash: string;
  readonly peerId: string;
  readonly toPeerId: string;
}

export interface Scrape {
  readonly kind: 'scrape';
  readonly infoHashes: readonly string[];
}

/** A frame the tracker cannot use. `infoHash` is the one it named, if that much could be read. */
interface Refused {
  readonly kind: 'refused';
  readonly action: 'announce' | 'scrape';
  readonly infoHash: string | null;
  readonly reason: string;
}

export type ClientMessage = Announce | Answer | Scrape | Refused;

/**
 * Reads one frame of a client; never throws. This is the simple reader; the tracker has a faster one that is tested against it. Liberal where real clients differ: `offers: null`, entries without an offer, unknown
 * events and counters. Strict where something is kept or passed on: ids, descriptions and their sizes.
 */
export function parseClientMessage(text: string | Uint8Array): ClientMessage {
  const decoded = typeof text === 'string' ? text : fromStrictUtf8(text);
  const message = decoded === null ? null : parseObject(decoded);
  if (message === null) return refused('announce', null, 'not a JSON object');
  if (message['action'] === 'scrape') return parseScrape(message);
  const infoHash = asInfoHash(message['info_hash']);
  if (message['action'] !== 'announce') return refused('announce', infoHash, 'unknown action');
  if (infoHash === null) return refused('announce', null, 'info_hash must have 20 characters of one byte each');
  const peerId = asId(message['peer_id']);
  if (peerId === null) return refused('announce', infoHash, 'peer_id must have 20 characters of one byte each');
  const answer = message['answer'];
  if (answer !== undefined && answer !== null) return parseAnswer(message, infoHash, peerId);
  const event = asEvent(message['event']);
  const numwant = Math.min(asCount(message['numwant']) ?? maxOffers, maxNumwant);
  return {
    kind: 'announce',
    infoHash,
    peerId,
    numwant,
    seed: message['left'] === 0 || event === 'completed',
    left: asCount(message['left']),
    event,
    offers: parseOffers(message['offers'], Math.min(numwant, maxOffers)),
    unreachable: parseUnreachable(message['unreachable']),
  };
}

function parseUnreachable(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value
    .map(asId)
    .filter((id) => id !== null)
    .slice(0, maxReportedPeers);
}

function refused(action: Refused['action'], infoHash: string | null, reason: string): Refused {
  return { kind: 'refused', action, infoHash, reason };
}

function asEvent(value: unknown): AnnounceEvent | null {
  return value === 'started' || value === 'completed' || value === 'stopped' || value === 'paused' ? value : null;
}

/** Entries that hold no usable offer are skipped silently: some clients send mock offers to ask for peers. */
function parseOffers(value: unknown, atMost: number): readonly Offer[] {
  const offers: Offer[] = [];
  if (!Array.isArray(value)) return offers;
  for (const entry of value.slice(0, maxOffers)) {
    if (offers.length === atMost) break;
    const offer = asObject(entry);
    const offerId = asOfferId(offer?.['offer_id']);
    const sdp = asSdp(offer?.['offer'], 'offer');
    if (offerId !== null && sdp !== null) offers.push({ offerId, sdp });
  }
  return offers;
}

/** Why an answer is refused whose description is missing or too long. */
export const badAnswer = 'answer must be {type: "answer", sdp} of at most 16 KiB';

function parseAnswer(message: JsonObject, infoHash: string, peerId: string): Answer | Refused {
  const toPeerId = asId(message['to_peer_id']);
  if (toPeerId === null) return refused('announce', infoHash, 'to_peer_id must have 20 characters of one byte each');
  const offerId = asOfferId(message['offer_id']);
  if (offerId === null) return refused('announce', infoHash, 'offer_id must be the one of the offer');
  const sdp = asSdp(message['answer'], 'answer');
  if (sdp === null) return refused('announce', infoHash, badAnswer);
  return { kind: 'answer', infoHash, peerId, toPeerId, offerId, sdp };
}

function parseScrape(message: JsonObject): Scrape | Refused {
  const asked = message['info_hash'];
  if (asked === undefined || asked === null) return refused('scrape', null, 'name the info hashes to scrape');
  const infoHashes: string[] = [];
  const list: readonly unknown[] = Array.isArray(asked) ? asked : [asked];
  if (list.length > maxScrapedHashes) return refused('scrape', null, `at most ${maxScrapedHashes} info hashes in one scrape`);
  for (const entry of list) {
    const infoHash = asInfoHash(entry);
    if (infoHash === null) return refused('scrape', null, 'info_hash must have 20 characters of one byte each');
    infoHashes.push(infoHash);
  }
  return infoHashes.length > 0 ? { kind: 'scrape', infoHashes } : refused('scrape', null, 'name the info hashes to scrape');
}

/** What a client announces. `numwant` is how many offers of others it takes before its next announce; `left` is `null` while unknown. */
export interface AnnounceRequest {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  readonly numwant: number;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number | null;
  readonly event: AnnounceEvent | null;
  readonly offers: readonly Offer[];
  /** Peers from this tracker to which a connection failed or was lost, so that it pings them and introduces them again. At most {@link maxReportedPeers} are read. */
  readonly unreachable: readonly PeerId[];
}

export function writeAnnounce(request: AnnounceRequest): string {
  const { numwant, uploaded, downloaded, left, event, unreachable } = request;
  return JSON.stringify({
    action: 'announce',
    info_hash: idToBinary(request.infoHash),
    peer_id: idToBinary(request.peerId),
    numwant,
    uploaded,
    downloaded,
    left,
    ...(event === null ? {} : { event }),
    ...(request.offers.length === 0
      ? {}
      : { offers: request.offers.map(({ offerId, sdp }) => ({ offer: { type: 'offer', sdp }, offer_id: offerId })) }),
    ...(unreachable.length === 0 ? {} : { unreachable: unreachable.map(idToBinary) }),
  });
}

/** What a client answers to an offer: `toPeerId` and `offerId` are the offer's. */
export interface AnswerRequest extends Offer {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  readonly toPeerId: PeerId;
}

export function writeAnswer(request: AnswerRequest): string {
  return JSON.stringify({
    action: 'announce',
    info_hash: idToBinary(request.infoHash),
    peer_id: idToBinary(request.peerId),
    to_peer_id: idToBinary(request.toPeerId),
    answer: { type: 'answer', sdp: request.sdp },
    offer_id: request.offerId,
  });
}

export function writeScrape(infoHashes: readonly InfoHash[]): string {
  return JSON.stringify({ action: 'scrape', info_hash: infoHashes.map(idToBinary) });
}
