/** What bytes mean in a JSON text (RFC 8259), for {@link JsonCursor}. */

export const [openObject, closeObject, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d];
export const [quote, backslash, comma, colon, minus] = [0x22, 0x5c, 0x2c, 0x3a, 0x2d];

export const numberSyntax = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What a byte is inside a string; bits, so that a string's bytes can be summed up. */
export const [kindHigh, kindQuote, kindBackslash, kindControl] = [1, 2, 4, 8];

export const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === quote) return kindQuote;
  if (byte === backslash) return kindBackslash;
  if (byte < 0x20) return kindControl;
  return byte < 0x80 ? 0 : kindHigh;
});

/** What follows the backslash in the escapes of one letter, and what they stand for. */
const letters = new Map(Array.from('"\\/bfnrt', (letter, index) => [letter.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(index)]));
const isLetter = Uint8Array.from({ length: 256 }, (_, byte) => (letters.has(byte) ? 1 : 0));

/** How long the escape at `at` is; 0 where it is none. */
export function escapeWidth(bytes: Uint8Array, at: number): number {
  const letter = bytes[at + 1];
  if (letter === undefined) return 0;
  if (isLetter[letter] === 1) return 2;
  if (letter !== 0x75) return 0;
  for (let digit = at + 2; digit < at + 6; digit++) if (hexDigit(bytes[digit]) < 0) return 0;
  return 6;
}

/** The unit that the escape at `at`, known to be one, stands for. */
export function escaped(bytes: Uint8Array, at: number): number {
  const letter = letters.get(bytes[at + 1]!);
  if (letter !== undefined) return letter;
  let unit = 0;
  for (let digit = at + 2; digit < at + 6; digit++) unit = unit * 16 + hexDigit(bytes[digit]);
  return unit;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (isDigit(byte)) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

export function inNumber(byte: number | undefined): boolean {
  return byte !== undefined && (isDigit(byte) || byte === 0x2e || byte === 0x2b || byte === minus || (byte | 0x20) === 0x65);
}

/**
 * No control character, quote, backslash or byte of 128 and more among the four bytes: in each byte of the sum the highest bit says so (Mycroft's
 * test for zero bytes; a borrow can only make it too careful).
 */
export function isPlainWord(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  const controls = word - 0x20202020;
  return ((word | controls | ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes)) & 0x80808080) === 0;
}
