import { isBinaryString } from '../../shared/bytes.ts';
import { maxOfferIdCharacters, maxSdpCharacters } from '../../shared/limits.ts';
import { isWrittenText } from '../codec/description.ts';
import { infoHashCharacters } from '../../shared/tracker/json-fields.ts';

/**
 * The messages between nodes. A batch is a line with the sender's name, followed by the messages. Each message is a line of JSON that ends with the
 * length of the session description that follows it unchanged: descriptions are never parsed on their way, nor escaped a second time.
 *
 * `swarm` is the store's key (20 units). A mark is `node|epoch`: one stay of one peer at one node.
 */
export type ClusterMessage =
  /** Offer or answer of the peer `from`, whose mark is `mark`, to the peer `to` at the receiving node. */
  | {
      readonly kind: 'offer' | 'answer';
      readonly swarm: string;
      readonly to: string;
      readonly from: string;
      readonly mark: string;
      readonly offerId: string;
      readonly sdp: string;
    }
  /** This peer id was announced at the sending node: is the socket that holds it under this mark alive? */
  | { readonly kind: 'claim'; readonly swarm: string; readonly peerId: string; readonly mark: string }
  /** The verdict on a claim. */
  | { readonly kind: 'held' | 'free'; readonly swarm: string; readonly peerId: string };

export function writeMessage(message: ClusterMessage): string {
  switch (message.kind) {
    case 'offer':
    case 'answer': {
      const { kind, swarm, to, from, mark, offerId, sdp } = message;
      return `${JSON.stringify([kind, swarm, to, from, mark, offerId, sdp.length])}\n${sdp}`;
    }
    case 'claim':
      return `${JSON.stringify([message.kind, message.swarm, message.peerId, message.mark, 0])}\n`;
    case 'held':
    case 'free':
    default:
      return `${JSON.stringify([message.kind, message.swarm, message.peerId, 0])}\n`;
  }
}

/** Reads a batch without its invalid messages; `null` if it is no batch, since others may use the same Redis. Never throws. */
export function readMessages(text: string): { sender: string; messages: ClusterMessage[] } | null {
  const messages: ClusterMessage[] = [];
  const end = text.indexOf('\n');
  for (let at = end + 1; at < text.length;) {
    const headEnd = text.indexOf('\n', at);
    const head = headEnd < 0 ? null : parseHead(text.slice(at, headEnd));
    if (head === null) return null;
    const sdpEnd = headEnd + 1 + head.length;
    const message = messageOf(head.fields, text.slice(headEnd + 1, sdpEnd));
    if (sdpEnd > text.length) return null;
    if (message !== null) messages.push(message);
    at = sdpEnd;
  }
  return end > 0 ? { sender: text.slice(0, end), messages } : null;
}

function parseHead(line: string): { fields: readonly string[]; length: number } | null {
  let head: unknown;
  try {
    head = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(head)) return null;
  const length: unknown = head.at(-1);
  const fields: readonly unknown[] = head.slice(0, -1);
  if (!fields.every((field) => typeof field === 'string') || typeof length !== 'number') return null;
  return Number.isInteger(length) && length >= 0 ? { fields, length } : null;
}

function messageOf([kind, swarm, ...rest]: readonly string[], sdp: string): ClusterMessage | null {
  if (!isId(swarm)) return null;
  if (kind === 'offer' || kind === 'answer') {
    const [to, from, mark, offerId] = rest;
    const isValid = isId(to) && isId(from) && isMark(mark) && isOfferId(offerId) && isDescription(sdp);
    return isValid ? { kind, swarm, to, from, mark, offerId, sdp } : null;
  }
  const [peerId, mark] = rest;
  if (!isId(peerId)) return null;
  if (kind === 'held' || kind === 'free') return { kind, swarm, peerId };
  return kind === 'claim' && isMark(mark) ? { kind, swarm, peerId, mark } : null;
}

function isId(value: string | undefined): value is string {
  return value !== undefined && value.length === infoHashCharacters && isBinaryString(value);
}

/** Node names are UUIDs, epochs counters. */
const maxMarkCharacters = 80;

function isMark(value: string | undefined): value is string {
  return value !== undefined && value.length <= maxMarkCharacters && /^[^|\n]+\|\d+$/.test(value);
}

function isOfferId(value: string | undefined): value is string {
  return value !== undefined && value !== '' && value.length <= maxOfferIdCharacters && isBinaryString(value);
}

/** What clients send is checked at the node that they are connected to; what arrives here would be written into a frame unchanged. */
function isDescription(sdp: string): boolean {
  return sdp !== '' && sdp.length <= maxSdpCharacters && isWrittenText(sdp);
}
