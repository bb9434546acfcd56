import { present } from '../assert.ts';
import { toBinaryString } from '../bytes.ts';
import { type BencodeLimits, maxBencodeKeyBytes } from '../limits.ts';

/**
 * Bencode (BEP 3, "bencoding"), reading: https://www.bittorrent.org/beps/bep_0003.html
 *
 * Iterative, so nesting costs no stack; every step consumes input, so time and memory are linear in it; a string is a view
 * into the input, so a claimed length allocates nothing.
 *
 * Strict where two readers could understand two things: duplicate keys, leading zeros and `-0` are refused. Lenient about the order of
 * keys, which some real torrents get wrong: the info hash is taken over the bytes as received, so nothing is ever encoded again.
 */
export type Value = number | typeof hugeInteger | Uint8Array | Value[] | Dictionary;

/**
 * An integer beyond ±(2^53 − 1). No field that we read may be that large, but keys that we do not read may hold such integers (64-bit
 * ids, for example) and must not make the whole input unreadable.
 */
export const hugeInteger: unique symbol = Symbol('hugeInteger');

/** Keys are binary strings (one byte a UTF-16 unit), in the order received. A `Map`, so `__proto__` is a key like any other. */
export type Dictionary = Map<string, Value>;

/** Bytes `start` to `end` (exclusive) of the input. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface Decoded {
  readonly value: Value;
  /** Where the value ended; what follows was not looked at. */
  readonly end: number;
  /** Where each value of the outermost dictionary lies in the input; empty where the value is no dictionary. */
  readonly ranges: ReadonlyMap<string, ByteRange>;
}

/** The input is no bencode, or more than the limits allow. `offset` is the byte at which that showed. */
export class BencodeError extends Error {
  override readonly name = 'BencodeError';
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} at byte ${offset}`);
    this.offset = offset;
  }
}

/** Reads one value that fills the input. Strings are views into it. Throws {@link BencodeError}. */
export function decode(bytes: Uint8Array, limits: BencodeLimits): Value {
  const { value, end } = decodePrefix(bytes, limits);
  if (end !== bytes.length) throw new BencodeError('bytes after the value', end);
  return value;
}

/** Reads one value at the front of the input, as BEP 9 puts a dictionary before raw bytes. Throws {@link BencodeError}. */
export function decodePrefix(bytes: Uint8Array, limits: BencodeLimits): Decoded {
  return new Decoder(bytes, limits).run();
}

const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const minus = 0x2d;
const letterD = 0x64;
const letterE = 0x65;
const letterI = 0x69;
const letterL = 0x6c;

/** A list or dictionary that is not closed yet. */
interface Open {
  readonly container: Value[] | Dictionary;
  readonly start: number;
  /** The key that waits for its value; `null` in lists and before keys. */
  key: string | null;
}

class Decoder {
  readonly #bytes: Uint8Array;
  readonly #limits: BencodeLimits;
  readonly #open: Open[] = [];
  readonly #ranges = new Map<string, ByteRange>();
  #at = 0;
  #tokens = 0;

  constructor(bytes: Uint8Array, limits: BencodeLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  run(): Decoded {
    for (;;) {
      const value = this.#step();
      if (value !== null && this.#open.length === 0) return { value, end: this.#at, ranges: this.#ranges };
    }
  }

  /** Takes one token. Returns the value it completed, or `null` where it opened a container or was a key. */
  #step(): Value | null {
    const start = this.#at;
    const byte = this.#bytes[start];
    const inside = this.#open.at(-1);
    if (byte === letterE && inside !== undefined) return this.#close(inside);
    if (inside?.container instanceof Map && inside.key === null) {
      inside.key = this.#key(inside.container);
      return null;
    }
    if (byte === letterL) return this.#enter([]);
    if (byte === letterD) return this.#enter(new Map());
    const value = byte === letterI ? this.#integer() : this.#string();
    this.#place(value, start);
    return value;
  }

  #enter(container: Value[] | Dictionary): null {
    this.#count();
    if (this.#open.length >= this.#limits.maxDepth) throw this.#error('nested too deep');
    this.#open.push({ container, start: this.#at, key: null });
    this.#at++;
    return null;
  }

  #close(inside: Open): Value {
    if (inside.key !== null) throw this.#error('key without a value');
    this.#at++;
    this.#open.pop();
    this.#place(inside.container, inside.start);
    return inside.container;
  }

  /** Puts a complete value where it belongs. */
  #place(value: Value, start: number): void {
    const inside = this.#open.at(-1);
    if (inside === undefined) return;
    if (!(inside.container instanceof Map)) {
      inside.container.push(value);
      return;
    }
    const key = present(inside.key, 'a value in a dictionary follows its key');
    inside.container.set(key, value);
    if (this.#open.length === 1) this.#ranges.set(key, { start, end: this.#at });
    inside.key = null;
  }

  #key(dictionary: Dictionary): string {
    const start = this.#at;
    const bytes = this.#string();
    if (bytes.length > maxBencodeKeyBytes) throw new BencodeError('key too long', start);
    const key = toBinaryString(bytes);
    if (dictionary.has(key)) throw new BencodeError('key given twice', start);
    return key;
  }

  #string(): Uint8Array {
    this.#count();
    const length = this.#digits(colon);
    const start = this.#at;
    if (length > this.#bytes.length - start) throw this.#error('string longer than the input');
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  #integer(): number | typeof hugeInteger {
    this.#count();
    this.#at++;
    const negative = this.#bytes[this.#at] === minus;
    if (negative) this.#at++;
    const magnitude = this.#digits(letterE);
    if (negative && magnitude === 0) throw this.#error('negative zero');
    if (!Number.isSafeInteger(magnitude)) return hugeInteger;
    return negative ? -magnitude : magnitude;
  }

  /** Decimal digits without leading zeros, and the byte after them. Approximate or Infinity beyond the safe integers. */
  #digits(terminator: number): number {
    const start = this.#at;
    let number = 0;
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw this.#error('unexpected end');
      if (byte < zero || byte > nine) {
        if (byte !== terminator || this.#at === start) throw this.#error('unexpected byte');
        this.#at++;
        return number;
      }
      if (this.#at > start && number === 0) throw this.#error('leading zero');
      number = number * 10 + (byte - zero);
      this.#at++;
    }
  }

  #count(): void {
    this.#tokens++;
    if (this.#tokens > this.#limits.maxTokens) throw this.#error('too many values');
  }

  #error(what: string): BencodeError {
    return new BencodeError(what, this.#at);
  }
}
