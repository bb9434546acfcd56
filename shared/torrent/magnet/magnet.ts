import { fromHex, fromUtf8, toHex, utf8 } from '../../bytes.ts';
import { TabswarmError } from '../../failure.ts';
import type { InfoHash } from '../../ids.ts';
import { maxFiles, maxMagnetCharacters } from '../../limits.ts';
import { fromBase32 } from './base32.ts';
import { sanitiseName } from '../names.ts';
import { knownStrategy } from './strategy.ts';

/**
 * Magnet links: BEP 9 ("magnet URI format"), BEP 52 (`btmh`), BEP 53 (`so`). https://www.bittorrent.org/beps/bep_0009.html
 * Left out on purpose: `x.pe`, `xs` and `as`, by which a link could make the reader's browser fetch from or connect to any address.
 */
export interface Magnet {
  /** `null` in links to v2 torrents only; then `infoHashV2` is set. */
  readonly infoHashV1: InfoHash | null;
  /** SHA-256 as 64 lower-case hex characters. */
  readonly infoHashV2: string | null;
  /** Sanitised; `null` where the link has none. */
  readonly name: string | null;
  /** As the stranger wrote them: filter with `usableTrackers` before use. */
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  /** Indices of the files to download, ascending (BEP 53); `null`: the link says nothing about it. */
  readonly selectOnly: readonly number[] | null;
  /** Bytes of the whole content, unproven (`xl`). */
  readonly length: number | null;
  /** How the swarm spreads its pieces (strategy.ts, `x.ts`); empty: as usual. */
  readonly strategy: string;
}

/** What a magnet link is written from: at least one hash, and what there is to say. */
export type MagnetParts = Partial<Magnet>;

/**
 * Reads what people paste: a magnet link, a page's address with one in its fragment, or a bare v1 info hash of 40 hex characters.
 * Throws `badLink`, or `linkWithoutHash` where the link is one but names no torrent.
 */
export function readMagnet(text: string): Magnet {
  if (text.length > maxMagnetCharacters) throw new TabswarmError('badLink', 'too long');
  const trimmed = text.trim();
  const parameters = readParameters(queryOf(trimmed));
  const topics = parameters.get('xt') ?? [];
  const infoHashV1 = firstOf(topics, readV1Hash);
  const infoHashV2 = firstOf(topics, readV2Hash);
  if (infoHashV1 === null && infoHashV2 === null) {
    throw topics.some((topic) => /^urn:bt[im]h:./i.test(topic))
      ? new TabswarmError('badLink', 'the hash in "xt=…" is damaged')
      : new TabswarmError('linkWithoutHash', 'xt=urn:btih:… is missing');
  }
  return {
    infoHashV1,
    infoHashV2,
    name: firstOf(parameters.get('dn') ?? [], (name) => sanitiseName(name) || null),
    trackers: distinct(parameters.get('tr')),
    webSeeds: distinct(parameters.get('ws')),
    selectOnly: readSelection(parameters.get('so')),
    length: firstOf(parameters.get('xl') ?? [], readLength),
    strategy: knownStrategy(parameters.get('x.ts')?.[0] ?? ''),
  };
}

/** Writes a link in the order hashes, name, length, trackers, web seeds, strategy, selection. */
export function writeMagnet(magnet: MagnetParts): string {
  const parts: string[] = [];
  if (magnet.infoHashV1) parts.push(`xt=urn:btih:${magnet.infoHashV1}`);
  if (magnet.infoHashV2) parts.push(`xt=urn:btmh:${sha256Multihash}${magnet.infoHashV2}`);
  if (magnet.name) parts.push(`dn=${percentEncode(magnet.name)}`);
  if (typeof magnet.length === 'number') parts.push(`xl=${magnet.length}`);
  for (const url of magnet.trackers ?? []) parts.push(`tr=${percentEncode(url)}`);
  for (const url of magnet.webSeeds ?? []) parts.push(`ws=${percentEncode(url)}`);
  if (magnet.strategy) parts.push(`x.ts=${magnet.strategy}`);
  if (magnet.selectOnly) parts.push(`so=${ranges(magnet.selectOnly).join(',')}`);
  return `magnet:?${parts.join('&')}`;
}

/** Multihash prefix: SHA-256 (0x12), 32 bytes (0x20). */
const sha256Multihash = '1220';

/** The part after `magnet:?`. */
function queryOf(text: string): string {
  if (/^[0-9a-f]{40}$/i.test(text)) return `xt=urn:btih:${text}`;
  const link = withScheme(/^https?:\/\/[^#]*#(.*)$/is.exec(text)?.[1] ?? text);
  if (!/^magnet:\?/i.test(link)) throw new TabswarmError('badLink');
  return link.slice('magnet:?'.length);
}

/** Some programs percent-encode a link as a whole: then it has no `:` or `?` of its own. */
function withScheme(link: string): string {
  return /^magnet(?:%3a|:%3f)/i.test(link) ? percentDecode(link) : link;
}

/** Values by key, decoded. `tr.1` counts as `tr`; links copied out of HTML have `&amp;` for `&`. */
function readParameters(query: string): Map<string, string[]> {
  const parameters = new Map<string, string[]>();
  for (const parameter of query.split(/&(?:amp;)?/)) {
    const equals = parameter.indexOf('=');
    if (equals < 1) continue;
    const key = parameter
      .slice(0, equals)
      .toLowerCase()
      .replace(/\.\d+$/, '');
    const value = parameter.slice(equals + 1);
    const list = parameters.get(key) ?? [];
    list.push(percentDecode(key === 'dn' ? value.replaceAll('+', ' ') : value));
    parameters.set(key, list);
  }
  return parameters;
}

/** Percent-decoding that takes bad escapes literally and bad UTF-8 as U+FFFD. `+` stands for itself: in URLs it means a plus. */
function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => fromUtf8(fromHex(escapes.replaceAll('%', ''))));
}

/** The detour over UTF-8 mends halves of surrogate pairs, at which `encodeURIComponent` would throw. */
function percentEncode(text: string): string {
  return encodeURIComponent(fromUtf8(utf8(text)));
}

function readV1Hash(topic: string): InfoHash | null {
  const hash = /^urn:btih:([0-9a-z]+)$/i.exec(topic)?.[1] ?? '';
  if (hash.length === 40 && /^[0-9a-f]+$/i.test(hash)) return hash.toLowerCase() as InfoHash;
  const bytes = hash.length === 32 ? fromBase32(hash) : null;
  return bytes === null ? null : (toHex(bytes) as InfoHash);
}

function readV2Hash(topic: string): string | null {
  return /^urn:btmh:1220([0-9a-f]{64})$/i.exec(topic)?.[1]?.toLowerCase() ?? null;
}

function readLength(text: string): number | null {
  const length = /^\d+$/.test(text) ? Number(text) : -1;
  return Number.isSafeInteger(length) && length >= 0 ? length : null;
}

/** BEP 53: `so=0,2,4,6-8`. What is no index or range of indices below the limit of files is left out. */
function readSelection(lists: readonly string[] | undefined): number[] | null {
  if (lists === undefined) return null;
  const found: [first: number, last: number][] = [];
  for (const item of lists.join(',').split(',')) {
    const range = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(item.trim());
    if (range !== null) found.push([Number(range[1]), Math.min(Number(range[2] ?? range[1]), maxFiles - 1)]);
  }
  return found.length === 0 ? null : union(found);
}

/** Each index once, however often the ranges overlap: a link of the longest kind could otherwise ask for a billion steps. */
function union(found: [first: number, last: number][]): number[] {
  const indices: number[] = [];
  let next = 0;
  for (const [first, last] of found.sort((a, b) => a[0] - b[0])) {
    for (next = Math.max(next, first); next <= last; next++) indices.push(next);
  }
  return indices;
}

/** The opposite of {@link union}: `[0, 2, 3, 4]` is `0`, `2-4`. */
function ranges(indices: readonly number[]): string[] {
  const found: { readonly first: number; last: number }[] = [];
  for (const index of indices) {
    const current = found.at(-1);
    if (index - 1 === current?.last) current.last = index;
    else found.push({ first: index, last: index });
  }
  return found.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
}

function firstOf<T>(items: readonly string[], read: (item: string) => T | null): T | null {
  for (const item of items) {
    const value = read(item);
    if (value !== null) return value;
  }
  return null;
}

function distinct(items: readonly string[] | undefined): string[] {
  return [...new Set(items?.map((item) => item.trim()))].filter((item) => item !== '');
}
