import { BencodeError, decode, decodePrefix, type Decoded, type Dictionary, type Value } from '../bencode/decode.ts';
import { fromUtf8, toBinaryString } from '../bytes.ts';
import { TabswarmError } from '../failure.ts';
import { fileBencode, maxTorrentFileBytes } from '../limits.ts';
import { badTorrent } from './fields.ts';
import type { Info } from './info.ts';
import { validateInfo } from './validate.ts';

/**
 * `.torrent` files: BEP 3 (metainfo files), BEP 12 (`announce-list`), BEP 19 (`url-list`), BEP 52 (`piece layers`).
 * Left out: `nodes` (BEP 5, there is no DHT here) and `httpseeds` (BEP 17, which nobody serves any more).
 */
export interface Metainfo {
  readonly info: Info;
  /** The info dictionary as received: SHA-1 of it is the v1 info hash, SHA-256 the v2 one. A view into the file's bytes. */
  readonly infoBytes: Uint8Array;
  /** Announce URLs by tier (BEP 12), as the stranger wrote them: filter with `usableTrackers` before use. */
  readonly trackers: readonly (readonly string[])[];
  /** BEP 19, as the stranger wrote them. */
  readonly webSeeds: readonly string[];
  /** Cleaned only where it is shown. */
  readonly comment: string;
  readonly createdBy: string;
  /** Seconds since the Unix epoch. */
  readonly creationDate: number | null;
  /** SHA-256 hashes of the pieces of a file, 32 bytes each, by the file's pieces root as a binary string (BEP 52); unproven. */
  readonly pieceLayers: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a whole .torrent file. Throws `torrentTooLarge`; `notATorrent` where the bytes were never meant as one; `badTorrent` where
 * they are broken or break a rule; `piecesTooLarge`; `v2Only` for a v2 torrent without its piece layers. Bytes after the dictionary are ignored, as other clients do.
 */
export function readTorrent(bytes: Uint8Array): Metainfo {
  if (bytes.length > maxTorrentFileBytes) throw new TabswarmError('torrentTooLarge', `${bytes.length} bytes`);
  if (!beginsDictionary(bytes)) throw new TabswarmError('notATorrent');
  const { value, ranges } = decoded(() => decodePrefix(bytes, fileBencode));
  const root = value as Dictionary;
  const infoDictionary = root.get('info');
  const range = ranges.get('info');
  if (infoDictionary === undefined || range === undefined) throw new TabswarmError('notATorrent', 'no info dictionary');
  const info = validateInfo(dictionaryOf(infoDictionary));
  return {
    info,
    infoBytes: bytes.subarray(range.start, range.end),
    trackers: readTrackers(root),
    webSeeds: [...new Set(strings(root.get('url-list')))],
    comment: text(root.get('comment.utf-8') ?? root.get('comment')),
    createdBy: text(root.get('created by')),
    creationDate: readDate(root),
    pieceLayers: readPieceLayers(root, info),
  };
}

/** Reads a bare info dictionary, as peers (BEP 9) and our own storage hold it. Throws `badTorrent`, `piecesTooLarge`. */
export function readInfo(bytes: Uint8Array): Info {
  return validateInfo(dictionaryOf(decoded(() => decode(bytes, fileBencode))));
}

/** Whether these bytes were ever meant as a bencoded dictionary: a `d`, then the first digit of a key or the end. */
function beginsDictionary(bytes: Uint8Array): boolean {
  return /^d[0-9e]/.test(fromUtf8(bytes.subarray(0, 2)));
}

function decoded<T extends Decoded | Value>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BencodeError) throw badTorrent(error.message);
    throw error;
  }
}

function dictionaryOf(value: Value): Dictionary {
  if (!(value instanceof Map)) throw badTorrent('info is no dictionary');
  return value;
}

/** BEP 12: where there is an `announce-list`, `announce` does not count. Some clients write a flat list: each URL its own tier. */
function readTrackers(root: Dictionary): string[][] {
  const seen = new Set<string>();
  const list = root.get('announce-list');
  const tiers = (Array.isArray(list) ? list : []).map((tier) => unseen(strings(tier), seen));
  const filled = tiers.filter((tier) => tier.length > 0);
  if (filled.length > 0) return filled;
  const announce = strings(root.get('announce'));
  return announce.length > 0 ? [announce] : [];
}

function unseen(urls: readonly string[], seen: Set<string>): string[] {
  return urls.filter((url) => !seen.has(url) && seen.add(url));
}

/** Optional members never make a file unreadable: what has another shape than a string or a list of strings counts as absent. */
function strings(value: Value | undefined): string[] {
  const items: readonly (Value | undefined)[] = Array.isArray(value) ? value : [value];
  return items.map(text).filter((item) => item !== '');
}

function text(value: Value | undefined): string {
  return value instanceof Uint8Array ? fromUtf8(value).trim() : '';
}

function readDate(root: Dictionary): number | null {
  const date = root.get('creation date');
  return typeof date === 'number' && date > 0 ? date : null;
}

/**
 * BEP 52, "piece layers": one entry for each file of more than one piece, 32 bytes a piece. A hybrid torrent can be had without
 * them, so there only those present are checked.
 */
function readPieceLayers(root: Dictionary, info: Info): ReadonlyMap<string, Uint8Array> {
  const layers = new Map<string, Uint8Array>();
  if (info.kind === 'v1') return layers;
  const given = root.get('piece layers');
  for (const [index, file] of info.files.entries()) {
    if (file.piecesRoot === null || file.length <= info.pieceLength) continue;
    const key = toBinaryString(file.piecesRoot);
    const layer = given instanceof Map ? given.get(key) : undefined;
    if (layer === undefined && info.kind === 'hybrid') continue;
    if (given === undefined) throw new TabswarmError('v2Only', 'without piece layers');
    const { first, end } = info.geometry.piecesOfFile(index);
    if (!(layer instanceof Uint8Array) || layer.length !== 32 * (end - first))
      throw badTorrent('a piece layer is missing or of another size');
    layers.set(key, layer);
  }
  return layers;
}
