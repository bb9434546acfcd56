import { itemAt } from '../../shared/assert.ts';
import { concatBytes, fromUtf8, utf8 } from '../../shared/bytes.ts';
import type { Random } from '../../shared/random.ts';

/** Bytes and texts for fuzzing: real ones changed a little or a lot, and plain noise. */

export function pick<Item>(from: readonly Item[], random: Random): Item {
  return itemAt(from, random.below(from.length));
}

export function noise(mostBytes: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: random.below(mostBytes + 1) }, () => random.below(256));
}

/** Pieces of syntax that turn one thing into another. */
const bencodeTokens = ['d', 'l', 'i', 'e', '0:', 'i-1e', '4:info', '5:filesl', 'de', 'le', '9'.repeat(20), 'i9007199254740993e'];
const jsonTokens = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  'null',
  '-1',
  '1e999',
  '\\u0000',
  '\\ud800',
  '__proto__',
  'constructor',
  '2147483648',
];
const addressTokens = ['%', '%00', '%ff', '/', '..', '\\', '\r\n', '&xt=', '?', '#', '=', 'urn:btih:', 'http://', 'wss://'];
const tokens = [...bencodeTokens, ...jsonTokens, ...addressTokens, '\0', '\u202e', '\u{1f600}'].map(utf8);

const edges = [0, 1, 0x7f, 0x80, 0xff] as const;

function changed(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = random.below(1 + random.below(64));
  const [front, back] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.below(7)) {
    case 0:
      return concatBytes([front, Uint8Array.of(random.below(256)), back.subarray(1)]);
    case 1:
      return concatBytes([front, Uint8Array.of(pick(edges, random)), back.subarray(1)]);
    case 2:
      return concatBytes([front, back.subarray(length)]);
    case 3:
      return concatBytes([front, pick(tokens, random), back]);
    case 4:
      return concatBytes([bytes.subarray(0, at + length), back]);
    case 5:
      return front;
    default:
      return concatBytes([front, pick(others, random).subarray(random.below(bytes.length + 1))]);
  }
}

/** One of the corpus with up to eight changes; one of twenty is noise. */
export function mutated(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  if (random.below(20) === 0) return noise(400, random);
  let bytes = pick(corpus, random).slice();
  for (let changes = random.below(9); changes > 0; changes--) bytes = changed(bytes, corpus, random).slice();
  return bytes;
}

export function mutatedText(corpus: readonly string[], random: Random): string {
  return fromUtf8(mutated(corpus.map(utf8), random));
}

/** JSON of any shape, with the member names of the sample among others. */
export function anyJson(names: readonly string[], random: Random, depth = 0): unknown {
  switch (random.below(depth > 4 ? 6 : 8)) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 0;
    case 2:
      return pick([0, -1, 1, 2 ** 31, 2 ** 53, 1e308, 0.5, random.below(1000)], random);
    case 3:
      return pick(['', 'a', 'x'.repeat(20), 'x'.repeat(40), '\0', '\ud800', '__proto__', 'ab'.repeat(20)], random);
    case 4:
      return fromUtf8(noise(30, random));
    case 5:
      return String(random.below(100));
    case 6:
      return Array.from({ length: random.below(5) }, () => anyJson(names, random, depth + 1));
    default:
      return Object.fromEntries(Array.from({ length: random.below(8) }, () => [pick(names, random), anyJson(names, random, depth + 1)]));
  }
}
