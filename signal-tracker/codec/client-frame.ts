import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { itemAt } from '../../shared/assert.ts';
import { maxSdpCharacters } from '../../shared/limits.ts';
import { badAnswer, parseClientMessage, type ClientMessage } from '../../shared/tracker/client-messages.ts';
import { closingQuote, isWrittenContent, writtenText } from './description.ts';

/**
 * Reads a client's frame as `parseClientMessage` does, except for one thing: an `sdp` is never decoded. It is cut out of the JSON text before that is
 * parsed, and stays as it is written there, escapes and all, each byte of its UTF-8 one unit, ready to be copied into the frame that relays it.
 * Decoding five session descriptions and encoding them again costs as much as the rest of an announce (see the README).
 */
export function readClientFrame(frame: Buffer, isBinary: boolean): ClientMessage {
  // `ws` has checked text frames.
  if (isBinary && !isUtf8(frame)) return { kind: 'refused', action: 'announce', infoHash: null, reason: 'not a JSON object' };
  const { text, cut } = frame.includes(sdpMember) ? cutDescriptions(frame.toString('latin1')) : { text: null, cut: [] };
  const message = parseClientMessage(text === null ? frame.toString() : Buffer.from(text, 'latin1').toString());
  if (message.kind === 'answer') {
    const sdp = restored(message.sdp, cut);
    return sdp.length <= maxSdpCharacters
      ? { ...message, sdp }
      : { kind: 'refused', action: 'announce', infoHash: message.infoHash, reason: badAnswer };
  }
  if (message.kind !== 'announce' || message.offers.length === 0) return message;
  const offers = message.offers.map(({ offerId, sdp }) => ({ offerId, sdp: restored(sdp, cut) }));
  return { ...message, offers: offers.filter(({ sdp }) => sdp.length <= maxSdpCharacters) };
}

/** How clients write it. With other white space or escapes in the name the description takes the slow way, through `writtenText`. */
const sdpMember = '"sdp":"';

/** Stands for the description of that number. Nobody who does not know this process's random part can write one. */
const placeholder = randomBytes(12).toString('hex');

/**
 * Replaces each `sdp` by a placeholder. In valid JSON `"sdp":"` is always the name of a member (or its end, `"x\"sdp"`) and the beginning of its value;
 * the value's content is valid and so is the placeholder, so the text is valid JSON afterwards if and only if it was before.
 */
function cutDescriptions(json: string): { text: string; cut: string[] } {
  const cut: string[] = [];
  let text = '';
  let copied = 0;
  for (let member = json.indexOf(sdpMember); member >= 0; member = json.indexOf(sdpMember, copied)) {
    const from = member + sdpMember.length;
    const to = closingQuote(json, from);
    if (to < 0) break;
    const sdp = json.slice(from, to);
    const isPlain = sdp !== '' && isWrittenContent(sdp);
    // One that is too long becomes empty, which is refused as one that is too long is.
    if (isPlain && sdp.length <= maxSdpCharacters) cut.push(sdp);
    text += json.slice(copied, from) + (isPlain ? replacement(sdp, cut.length - 1) : sdp);
    copied = to;
  }
  return { text: text + json.slice(copied), cut };
}

function replacement(sdp: string, number: number): string {
  return sdp.length <= maxSdpCharacters ? `${placeholder}${number}` : '';
}

function restored(sdp: string, cut: readonly string[]): string {
  return sdp.startsWith(placeholder) ? itemAt(cut, Number(sdp.slice(placeholder.length))) : writtenText(sdp);
}
