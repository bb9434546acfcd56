import { maxOfferIdCharacters } from '../../shared/limits.ts';
import {
  backslash,
  closeList,
  closeObject,
  colon,
  comma,
  escaped,
  escapeWidth,
  inNumber,
  isDigit,
  isPlainWord,
  kindBackslash,
  kindControl,
  kindHigh,
  kindQuote,
  kinds,
  minus,
  numberSyntax,
  openList,
  openObject,
  quote,
} from './json-bytes.ts';
import { Slice } from './byte-slice.ts';

/**
 * Reads one JSON text (RFC 8259) from its bytes, strictly, in one pass, and makes only what it is asked for. A session description is checked
 * and cut out as it is written, never decoded: `JSON.parse` takes twice as long for five of them, and making JSON of them again would come on top.
 *
 * The bytes must be UTF-8. Whoever reads must read or skip each member and item that is stepped onto. After a mistake in the text every
 * further step says that there is nothing more, and `broken` is true.
 */
export class JsonCursor {
  #bytes: Buffer = Buffer.alloc(0);
  /** The same bytes four by four, from the first whose address is a multiple of four: `#aligned`. Empty for short texts. */
  #words: Int32Array = noWords;
  #aligned = 0;
  #at = 0;
  #broken = false;
  /** Just behind an opening bracket, where no comma belongs. */
  #fresh = false;
  /** Where the string last read begins and ends, without its quotes, and whether each byte of it is a character as it stands. */
  #from = 0;
  #to = 0;
  #plain = true;

  begin(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#words = noWords;
    this.#at = 0;
    if (bytes.length >= longBytes) this.#align();
    this.#broken = false;
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** To be called behind the outermost value: nothing but white space may follow. Lets go of the bytes. */
  end(): void {
    if (this.#next() !== -1) this.#fail();
    this.#bytes = nothing;
    this.#words = noWords;
  }

  enterObject(): boolean {
    return this.#enter(openObject);
  }

  enterList(): boolean {
    return this.#enter(openList);
  }

  /** Steps onto the next member of the object entered: its name if it is one of {@link memberNames}, '' if not, `null` at the end. */
  member(): MemberName | '' | null {
    if (!this.#step(closeObject)) return null;
    if (!this.#string()) return null;
    const name = this.#name();
    if (this.#next() !== colon) {
      this.#fail();
      return null;
    }
    this.#at++;
    return name;
  }

  /** Steps onto the next item of the list entered; false at its end. */
  item(): boolean {
    return this.#step(closeList);
  }

  /** A binary string (units of 0–255) of at most 40 units; `null`, and skipped, where something else comes. */
  binary(): string | null {
    if (this.#next() !== quote) {
      this.skip();
      return null;
    }
    return this.#string() ? this.#decoded() : null;
  }

  /** A string as it is written, escapes and UTF-8 as they are, without its quotes; `null`, and skipped, where something else comes. */
  raw(maxBytes: number): Slice | null {
    if (this.#next() !== quote) {
      this.skip();
      return null;
    }
    return this.#string() && this.#to - this.#from <= maxBytes ? new Slice(this.#bytes, this.#from, this.#to) : null;
  }

  number(): number | null {
    const byte = this.#next();
    if (byte === minus || isDigit(byte)) return this.#number();
    this.skip();
    return null;
  }

  /** Says whether a `null` comes, without stepping over it. */
  get atNull(): boolean {
    return this.#next() === 0x6e;
  }

  skip(depth = 0): void {
    if (depth > maxDepth) this.#fail();
    if (this.enterObject()) while (this.member() !== null) this.skip(depth + 1);
    else if (this.enterList()) while (this.item()) this.skip(depth + 1);
    else this.#skipScalar();
  }

  #enter(bracket: number): boolean {
    if (this.#next() !== bracket) return false;
    this.#at++;
    this.#fresh = true;
    return true;
  }

  #step(closing: number): boolean {
    const byte = this.#next();
    const first = this.#fresh;
    this.#fresh = false;
    if (byte === closing) {
      this.#at++;
      return false;
    }
    if (!first && byte !== comma) this.#fail();
    if (!first) this.#at++;
    return !this.#broken;
  }

  #skipScalar(): void {
    const byte = this.#next();
    if (byte === quote) this.#string();
    else if (byte === minus || isDigit(byte)) this.#number();
    else if (!this.#literal('null') && !this.#literal('true') && !this.#literal('false')) this.#fail();
  }

  #literal(word: string): boolean {
    for (let index = 0; index < word.length; index++) if (this.#bytes[this.#at + index] !== word.charCodeAt(index)) return false;
    this.#at += word.length;
    return true;
  }

  /** The byte behind any white space, -1 at the end. */
  #next(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    while (at < bytes.length) {
      const byte = bytes[at]!;
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) {
        this.#at = at;
        return byte;
      }
      at++;
    }
    this.#at = at;
    return -1;
  }

  #string(): boolean {
    if (this.#next() !== quote) return this.#fail();
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = this.#at + 1;
    let seen = 0;
    this.#from = at;
    while (at < length) {
      if (((at - this.#aligned) & 3) === 0) at = this.#skipPlainWords(at);
      const kind = at < length ? kinds[bytes[at]!]! : kindControl;
      seen |= kind;
      if (kind <= kindHigh) {
        at++;
      } else if (kind === kindQuote) {
        this.#to = at;
        this.#at = at + 1;
        this.#plain = seen === kindQuote;
        return true;
      } else {
        const width = kind === kindBackslash ? escapeWidth(bytes, at) : 0;
        if (width === 0) return this.#fail();
        at += width;
      }
    }
    return this.#fail();
  }

  #align(): void {
    const { buffer, byteOffset, length } = this.#bytes;
    this.#aligned = -byteOffset & 3;
    this.#words = new Int32Array(buffer, byteOffset + this.#aligned, (length - this.#aligned) >> 2);
  }

  /** Steps over whole words of bytes that stand for themselves: descriptions are read four times as fast as byte by byte. */
  #skipPlainWords(at: number): number {
    const words = this.#words;
    let word = (at - this.#aligned) >> 2;
    while (word < words.length && isPlainWord(words[word]!)) word++;
    return word < words.length ? this.#aligned + (word << 2) : Math.max(at, this.#aligned + (words.length << 2));
  }

  #number(): number {
    const from = this.#at;
    let whole = 0;
    let at = from;
    while (isDigit(this.#bytes[at]!)) whole = whole * 10 + this.#bytes[at++]! - 0x30;
    if (at - from <= 15 && (at - from === 1 || this.#bytes[from] !== 0x30) && at > from && !inNumber(this.#bytes[at])) {
      this.#at = at;
      return whole;
    }
    while (inNumber(this.#bytes[at])) at++;
    this.#at = at;
    const text = this.#bytes.toString('latin1', from, at);
    if (!numberSyntax.test(text)) this.#fail();
    return Number(text);
  }

  #text(): string {
    return this.#bytes.toString('latin1', this.#from, this.#to);
  }

  #name(): MemberName | '' {
    const { length } = this.#plain ? { length: this.#to - this.#from } : { length: 0 };
    if (!this.#plain) return nameOf(this.#decoded() ?? '');
    for (const name of namesByLength[length] ?? []) if (this.#equals(name)) return name;
    return '';
  }

  #equals(name: string): boolean {
    for (let index = name.length - 1; index >= 0; index--) if (this.#bytes[this.#from + index] !== name.charCodeAt(index)) return false;
    return true;
  }

  #decoded(): string | null {
    if (this.#plain) return this.#to - this.#from <= maxOfferIdCharacters ? this.#text() : null;
    let units = 0;
    for (let at = this.#from; at < this.#to; units++) {
      if (units === maxOfferIdCharacters) return null;
      const byte = this.#bytes[at]!;
      let unit = byte;
      if (byte === backslash) {
        unit = escaped(this.#bytes, at);
        at += escapeWidth(this.#bytes, at);
      } else if (byte < 0x80) {
        at++;
      } else {
        // U+0080 to U+00FF are C2 80 to C3 BF; longer sequences and higher first bytes are characters above 255.
        if (byte > 0xc3) return null;
        unit = ((byte & 0x03) << 6) | (this.#bytes[at + 1]! & 0x3f);
        at += 2;
      }
      if (unit > 255) return null;
      scratch[units] = unit;
    }
    return scratch.toString('latin1', 0, units);
  }

  #fail(): false {
    this.#broken = true;
    this.#at = this.#bytes.length;
    return false;
  }
}

/** The names that mean something in a client's message; others are skipped. */
const memberNames = [
  'action',
  'answer',
  'event',
  'info_hash',
  'left',
  'numwant',
  'offer',
  'offer_id',
  'offers',
  'peer_id',
  'sdp',
  'to_peer_id',
  'type',
  'unreachable',
] as const;

type MemberName = (typeof memberNames)[number];

const namesByLength: readonly (readonly MemberName[])[] = Array.from({ length: 12 }, (_, length) =>
  memberNames.filter((name) => name.length === length),
);

function nameOf(text: string): MemberName | '' {
  return memberNames.find((name) => name === text) ?? '';
}

/** Real messages nest to three. */
const maxDepth = 32;

const nothing = Buffer.alloc(0);
const noWords = new Int32Array(0);

/** From this length on a view of words costs less than it saves. */
const longBytes = 512;

const scratch = Buffer.alloc(maxOfferIdCharacters);
