import { concatBytes, fromBinaryString, utf8 } from '../bytes.ts';
import { assert } from '../assert.ts';

/**
 * Bencode (BEP 3, "bencoding"), writing. Dictionaries are `Map`s keyed by binary strings (one byte a UTF-16 unit) and come out
 * sorted by raw bytes, whatever the order of the map.
 */
export type Encodable = number | string | Uint8Array | Verbatim | readonly Encodable[] | ReadonlyMap<string, Encodable>;

/** Bytes that are bencoded already and go out as they are: an info dictionary keeps its hash only that way. */
export class Verbatim {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** Strings are written as UTF-8, numbers must be safe integers. Never fed with values of a stranger's depth. */
export function encode(value: Encodable): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return concatBytes(parts);
}

const listStart = utf8('l');
const dictionaryStart = utf8('d');
const containerEnd = utf8('e');

function write(value: Encodable, parts: Uint8Array[]): void {
  if (typeof value === 'number') {
    assert(Number.isSafeInteger(value), 'bencode holds safe integers only');
    parts.push(utf8(`i${value}e`));
  } else if (typeof value === 'string') writeString(utf8(value), parts);
  else if (value instanceof Uint8Array) writeString(value, parts);
  else if (value instanceof Verbatim) parts.push(value.bytes);
  else if (value instanceof Map) writeDictionary(value, parts);
  else writeList(value as readonly Encodable[], parts);
}

function writeString(bytes: Uint8Array, parts: Uint8Array[]): void {
  parts.push(utf8(`${bytes.length}:`), bytes);
}

function writeList(items: readonly Encodable[], parts: Uint8Array[]): void {
  parts.push(listStart);
  for (const item of items) write(item, parts);
  parts.push(containerEnd);
}

/** Comparing UTF-16 units compares bytes here: each unit of a key is one byte. */
function writeDictionary(dictionary: ReadonlyMap<string, Encodable>, parts: Uint8Array[]): void {
  parts.push(dictionaryStart);
  const entries = [...dictionary].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, value] of entries) {
    writeString(fromBinaryString(key), parts);
    write(value, parts);
  }
  parts.push(containerEnd);
}
