import { fromHex, fromUtf8, toHex, utf8 } from '../../bytes.ts';
import type { InfoHash } from '../../ids.ts';

/**
 * The short form of a link, which stands in the fragment of a page's address: the info hash in base64url (27 characters for v1, 43 for v2),
 * after a tilde the strategy (strategy.ts), and after a slash the name. It names no tracker: the one of the page is meant.
 */
const shortForm = /^([\w-]{27}|[\w-]{43})(?:~([\w.-]{1,64}))?(?:\/(.*))?$/s;

/** Some messengers percent-encode a fragment as a whole: then the slash and the escapes of the name are encoded once more. */
const encodedForm = /^(?:[\w-]{27}|[\w-]{43})(?:~[\w.-]{1,64})?%2f/i;

/** Base64url (RFC 4648, section 5). */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Longer names are cut: with the address they then stay within what a chat shows in two lines. */
const maxNameCharacters = 160;

/** The fragment of a short link. `name`: what people call it; `strategy`: in its one form; `''` for none. */
export function writeShortLink(infoHash: InfoHash, name: string, strategy = ''): string {
  const hash = `${toBase64Url(fromHex(infoHash))}${strategy === '' ? '' : `~${strategy}`}`;
  const written = writtenName(name);
  return written === '' ? hash : `${hash}/${written}`;
}

/** The magnet link that a fragment stands for, without trackers; `null` where it is no short link. */
export function readShortLink(fragment: string): string | null {
  const text = encodedForm.test(fragment) ? percentDecoded(fragment) : fragment;
  const [, hash = '', strategy = '', name = ''] = shortForm.exec(text) ?? [];
  const bytes = fromBase64Url(hash);
  if (bytes === null || bytes.length === 0) return null;
  const topic = bytes.length === 20 ? `urn:btih:${toHex(bytes)}` : `urn:btmh:1220${toHex(bytes)}`;
  // The name is written as in a magnet link; only what would end it there is encoded.
  const way = strategy === '' ? '' : `&x.ts=${strategy}`;
  return `magnet:?xt=${topic}${way}${name === '' ? '' : `&dn=${name.replaceAll('&', '%26').replaceAll('#', '%23')}`}`;
}

function writtenName(name: string): string {
  const whole = percentEncoded(name);
  if (whole.length <= maxNameCharacters) return whole;
  let text = '';
  for (const character of name) {
    const next = percentEncoded(text + character);
    if (next.length + ellipsis.length > maxNameCharacters) break;
    text += character;
  }
  return text === '' ? '' : percentEncoded(text) + ellipsis;
}

const ellipsis = encodeURIComponent('…');

/** Blanks become `+`, which reads better than `%20`. Chats leave out brackets, dots and quotes at the end of an address, so they are encoded too. */
function percentEncoded(name: string): string {
  return encodeURIComponent(fromUtf8(utf8(name)))
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
    .replaceAll('%20', '+')
    .replace(/[.~]$/, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => fromUtf8(fromHex(escapes.replaceAll('%', ''))));
}

function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const bits = (first << 16) | (second << 8) | third;
    for (const shift of [18, 12, 6, 0]) text += alphabet.charAt((bits >> shift) & 63);
  }
  return text.slice(0, Math.ceil((bytes.length * 4) / 3));
}

/** `null` where the bits beyond the last byte are not zero: so a link has one form, and most of those cut short or mistyped are noticed. */
function fromBase64Url(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of text) {
    bits = ((bits << 6) | alphabet.indexOf(character)) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = (bits >> held) & 0xff;
    }
  }
  return (bits & ((1 << held) - 1)) === 0 ? bytes : null;
}
