import { hugeInteger, type Dictionary, type Value } from '../bencode/decode.ts';
import { fromUtf8 } from '../bytes.ts';
import { TabswarmError } from '../failure.ts';

/** Members of a stranger's dictionary, read with their types. What is there and has the wrong type is refused as `badTorrent`. */

export function badTorrent(detail: string): TabswarmError {
  return new TabswarmError('badTorrent', detail);
}

/** `null` where the key is absent. */
export function bytesAt(dictionary: Dictionary, key: string): Uint8Array | null {
  const value = dictionary.get(key);
  if (value === undefined) return null;
  if (!(value instanceof Uint8Array)) throw badTorrent(`${key} is no string`);
  return value;
}

/** `null` where the key is absent. */
export function dictionaryAt(dictionary: Dictionary, key: string): Dictionary | null {
  const value = dictionary.get(key);
  if (value === undefined) return null;
  if (!(value instanceof Map)) throw badTorrent(`${key} is no dictionary`);
  return value;
}

/** `null` where the key is absent. */
export function integerAt(dictionary: Dictionary, key: string): number | null {
  const value = dictionary.get(key);
  if (value === undefined) return null;
  if (value === hugeInteger) throw badTorrent(`${key} is too large`);
  if (typeof value !== 'number') throw badTorrent(`${key} is no integer`);
  return value;
}

/** A byte count of a file: present and not negative. */
export function lengthAt(dictionary: Dictionary): number {
  const length = integerAt(dictionary, 'length');
  if (length === null || length < 0) throw badTorrent('a length is missing or negative');
  return length;
}

/** Text under `key.utf-8` where that is a string, as clients of other encodings add it, else under `key`, undecodable bytes as U+FFFD. */
export function textAt(dictionary: Dictionary, key: string): string | null {
  const preferred = dictionary.get(`${key}.utf-8`);
  const bytes = preferred instanceof Uint8Array ? preferred : bytesAt(dictionary, key);
  return bytes === null ? null : fromUtf8(bytes);
}

/** A list of strings, not empty. */
export function texts(value: Value | undefined, what: string): string[] {
  if (!Array.isArray(value) || value.length === 0) throw badTorrent(`${what} is no list`);
  return value.map((part) => {
    if (!(part instanceof Uint8Array)) throw badTorrent(`${what} holds no strings only`);
    return fromUtf8(part);
  });
}

/** `p` and `l` of BEP 47. */
const paddingAttribute = 0x70;
const symlinkAttribute = 0x6c;

/** What `attr` and `symlink path` say of a file (BEP 47). Other attributes (executable, hidden) mean nothing in a browser. */
export interface FileAttributes {
  readonly padding: boolean;
  /** The target as received, relative to the torrent's root; `null` for everything that is no symlink. */
  readonly linkTarget: readonly string[] | null;
  /** Marked as a symlink: its length counts as zero. A mark without a target makes an empty file, as in libtorrent. */
  readonly hasNoBytes: boolean;
}

export function attributesOf(file: Dictionary): FileAttributes {
  const attributes = bytesAt(file, 'attr');
  const hasNoBytes = attributes?.includes(symlinkAttribute) ?? false;
  const target = file.get('symlink path');
  return {
    padding: attributes?.includes(paddingAttribute) ?? false,
    linkTarget: hasNoBytes && Array.isArray(target) && target.length > 0 ? texts(target, 'symlink path') : null,
    hasNoBytes,
  };
}
