/** Base32 (RFC 4648, section 6), as old magnet links write info hashes. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** Bytes of unpadded base32 text in any case; bits beyond the last whole byte are dropped. `null` where a character is no base32. */
export function fromBase32(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of text.toLowerCase()) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) return null;
    held = ((held << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return bytes;
}
