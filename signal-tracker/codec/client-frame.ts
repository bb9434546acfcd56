import { isUtf8 } from 'node:buffer';
import { maxNumwant, maxOffers, maxReportedPeers, maxScrapedHashes, maxSdpCharacters } from '../../shared/limits.ts';
import type { Announce, AnnounceEvent, Answer, ClientMessage, Relayed, Scrape, Text } from '../../shared/tracker/client-messages.ts';
import { infoHashCharacters } from '../../shared/tracker/json-fields.ts';
import { JsonCursor } from './json-cursor.ts';

/**
 * Reads a client's frame as `parseClientMessage` does (its comment says what is taken and what refused; tests hold the two against each
 * other), but from the bytes. Unlike there an `sdp` is not decoded: it is the stretch of the frame that holds the JSON string, checked,
 * ready to be spliced into the frame that passes it on; and its 16 KiB are counted as it is written.
 */
export function readClientFrame(frame: Buffer, isBinary: boolean): ClientMessage {
  // `ws` has checked the text frames.
  if (isBinary && !isUtf8(frame)) return refused('announce', null, 'not a JSON object');
  const said = readMembers(frame);
  if (said === null) return refused('announce', null, 'not a JSON object');
  if (said.action === 'scrape') return scrapeOf(said.infoHashes);
  const infoHash = said.infoHashes.length === 1 && !said.listed ? said.infoHashes[0]! : null;
  if (said.action !== 'announce') return refused('announce', infoHash, 'unknown action');
  if (infoHash === null) return refused('announce', null, `info_hash ${idRule}`);
  if (said.peerId === null) return refused('announce', infoHash, `peer_id ${idRule}`);
  return said.answer === undefined ? announceOf(said, infoHash, said.peerId) : answerOf(said, infoHash, said.peerId);
}

const idRule = 'must have 20 characters of one byte each';

/** The members of a frame that mean something; of repeated ones the last, as in `JSON.parse`. */
interface Members {
  action: string | null;
  /** What `info_hash` holds, one or a list; entries that are none are `null`. */
  infoHashes: (string | null)[];
  listed: boolean;
  peerId: string | null;
  toPeerId: string | null;
  offerId: string | null;
  numwant: number | null;
  left: number | null;
  event: string | null;
  offers: Relayed[];
  unreachable: string[];
  /** `undefined`: there is none; `null`: it holds no description. */
  answer: Text | null | undefined;
}

const cursor = new JsonCursor();

function readMembers(frame: Buffer): Members | null {
  const said: Members = {
    action: null,
    infoHashes: [],
    listed: false,
    peerId: null,
    toPeerId: null,
    offerId: null,
    numwant: null,
    left: null,
    event: null,
    offers: none,
    unreachable: none,
    answer: undefined,
  };
  cursor.begin(frame);
  if (!cursor.enterObject()) return null;
  for (let name = cursor.member(); name !== null; name = cursor.member()) readMember(name, said);
  cursor.end();
  return cursor.broken ? null : said;
}

/** Shared by all messages that bring no list. */
const none: never[] = [];

function readMember(name: ReturnType<JsonCursor['member']>, said: Members): void {
  switch (name) {
    case 'action':
      said.action = cursor.binary();
      return;
    case 'info_hash':
      readInfoHashes(said);
      return;
    case 'peer_id':
      said.peerId = readId();
      return;
    case 'to_peer_id':
      said.toPeerId = readId();
      return;
    case 'offer_id':
      said.offerId = readOfferId();
      return;
    case 'numwant':
      said.numwant = cursor.number();
      return;
    case 'left':
      said.left = cursor.number();
      return;
    case 'event':
      said.event = cursor.binary();
      return;
    case 'offers':
      said.offers = readOffers();
      return;
    case 'unreachable':
      said.unreachable = readUnreachable();
      return;
    case 'answer':
      said.answer = readAnswer();
      return;
    default:
      cursor.skip();
  }
}

function readId(): string | null {
  const id = cursor.binary();
  return id !== null && id.length === infoHashCharacters ? id : null;
}

function readInfoHash(): string | null {
  const id = cursor.binary();
  return id !== null && (id.length === infoHashCharacters || id.length === 32) ? id : null;
}

function readOfferId(): string | null {
  const id = cursor.binary();
  return id === '' ? null : id;
}

function readInfoHashes(said: Members): void {
  if (cursor.atNull) {
    cursor.skip();
    said.infoHashes = [];
    said.listed = false;
    return;
  }
  said.listed = cursor.enterList();
  if (!said.listed) {
    said.infoHashes = [readInfoHash()];
    return;
  }
  said.infoHashes = [];
  while (cursor.item()) {
    if (said.infoHashes.length > maxScrapedHashes) cursor.skip();
    else said.infoHashes.push(readInfoHash());
  }
}

/** Of the first ten entries those that hold a usable offer; some clients send mock ones to ask for peers. */
function readOffers(): Relayed[] {
  const offers: Relayed[] = [];
  if (!cursor.enterList()) {
    cursor.skip();
    return offers;
  }
  for (let entry = 0; cursor.item(); entry++) {
    if (entry >= maxOffers) cursor.skip();
    else readOffer(offers);
  }
  return offers;
}

function readOffer(offers: Relayed[]): void {
  if (!cursor.enterObject()) {
    cursor.skip();
    return;
  }
  let offerId: string | null = null;
  let sdp: Text | null = null;
  for (let name = cursor.member(); name !== null; name = cursor.member()) {
    if (name === 'offer_id') offerId = readOfferId();
    else if (name === 'offer') sdp = readDescription('offer');
    else cursor.skip();
  }
  if (offerId !== null && sdp !== null) offers.push({ offerId, sdp });
}

function readAnswer(): Text | null | undefined {
  if (!cursor.atNull) return readDescription('answer');
  cursor.skip();
  return undefined;
}

/** The `sdp` of `{type, sdp}`. */
function readDescription(wanted: 'offer' | 'answer'): Text | null {
  if (!cursor.enterObject()) {
    cursor.skip();
    return null;
  }
  let type: string | null = null;
  let sdp: Text | null = null;
  for (let name = cursor.member(); name !== null; name = cursor.member()) {
    if (name === 'type') type = cursor.binary();
    else if (name === 'sdp') sdp = cursor.raw(maxSdpCharacters);
    else cursor.skip();
  }
  return type === wanted && sdp?.length !== 0 ? sdp : null;
}

function readUnreachable(): string[] {
  const reported: string[] = [];
  if (!cursor.enterList()) {
    cursor.skip();
    return reported;
  }
  while (cursor.item()) {
    const id = readId();
    if (id !== null && reported.length < maxReportedPeers) reported.push(id);
  }
  return reported;
}

function announceOf(said: Members, infoHash: string, peerId: string): Announce {
  const event = eventOf(said.event);
  const numwant = Math.min(countOf(said.numwant) ?? maxOffers, maxNumwant);
  const seed = said.left === 0 || event === 'completed';
  const offers = said.offers.length > numwant ? said.offers.slice(0, numwant) : said.offers;
  return { kind: 'announce', infoHash, peerId, numwant, seed, left: countOf(said.left), event, offers, unreachable: said.unreachable };
}

function answerOf({ toPeerId, offerId, answer }: Members, infoHash: string, peerId: string): Answer | ClientMessage {
  if (toPeerId === null) return refused('announce', infoHash, `to_peer_id ${idRule}`);
  if (offerId === null) return refused('announce', infoHash, 'offer_id must be the one of the offer');
  if (answer === null || answer === undefined) {
    return refused('announce', infoHash, 'answer must be {type: "answer", sdp} of at most 16 KiB');
  }
  return { kind: 'answer', infoHash, peerId, toPeerId, offerId, sdp: answer };
}

function scrapeOf(asked: readonly (string | null)[]): Scrape | ClientMessage {
  if (asked.length === 0) return refused('scrape', null, 'name the info hashes to scrape');
  if (asked.length > maxScrapedHashes) return refused('scrape', null, `at most ${maxScrapedHashes} info hashes in one scrape`);
  const infoHashes = asked.filter((infoHash) => infoHash !== null);
  return infoHashes.length === asked.length ? { kind: 'scrape', infoHashes } : refused('scrape', null, `info_hash ${idRule}`);
}

function eventOf(value: string | null): AnnounceEvent | null {
  return value === 'started' || value === 'completed' || value === 'stopped' || value === 'paused' ? value : null;
}

/** A whole number from 0 up; fractions are cut. */
function countOf(value: number | null): number | null {
  return value !== null && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : null;
}

function refused(action: 'announce' | 'scrape', infoHash: string | null, reason: string): ClientMessage {
  return { kind: 'refused', action, infoHash, reason };
}
