import { TabswarmError } from '../../../../shared/failure.ts';

/** One torrent of an exported library: its link, and its `.torrent` (base64) where the metadata was known. */
export interface LibraryEntry {
  readonly link: string;
  readonly torrent?: string;
}

const format = 'tabswarm-library';

/** A stranger's file: more would hold the page for seconds. 1,000 links with their metadata are far below. */
export const mostLibraryBytes = 256 * 1024 * 1024;
/** No entry has more around its two texts, and no file around its entries. Links and base64 are ASCII. */
const bytesAround = 100;
/** More than anybody exports: what this browser wrote must be read back. */
const mostEntries = 100_000;

/** In as many files as it takes for each to be read back. */
export function writeLibraries(entries: readonly LibraryEntry[], mostBytes = mostLibraryBytes): Blob[] {
  const parts: LibraryEntry[][] = [[]];
  let room = mostBytes - bytesAround;
  for (const entry of entries) {
    const bytes = entry.link.length + (entry.torrent?.length ?? 0) + bytesAround;
    if (bytes > room && parts.at(-1)?.length !== 0) {
      parts.push([]);
      room = mostBytes - bytesAround;
    }
    parts.at(-1)?.push(entry);
    room -= bytes;
  }
  return parts.map(writeLibrary);
}

export function writeLibrary(entries: readonly LibraryEntry[]): Blob {
  return new Blob([JSON.stringify({ format, version: 1, torrents: entries }, null, 1)], { type: 'application/json' });
}

/** @throws TabswarmError `badLibrary` for anything that {@link writeLibrary} does not write */
export function readLibrary(text: string): LibraryEntry[] {
  const value = parsed(text);
  if (!isRecord(value) || value['format'] !== format || !Array.isArray(value['torrents'])) throw new TabswarmError('badLibrary');
  const torrents: unknown[] = value['torrents'];
  if (torrents.length > mostEntries) throw new TabswarmError('badLibrary');
  return torrents.map(entryOf);
}

function entryOf(value: unknown): LibraryEntry {
  if (!isRecord(value)) throw new TabswarmError('badLibrary');
  const { link, torrent } = value;
  if (typeof link !== 'string' || !/^magnet:/i.test(link)) throw new TabswarmError('badLibrary');
  return typeof torrent === 'string' ? { link, torrent } : { link };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TabswarmError('badLibrary');
  }
}

/** Base64 in steps: the arguments of one call are limited. */
export function toBase64(bytes: Uint8Array): string {
  const step = 0x8000;
  let binary = '';
  for (let at = 0; at < bytes.length; at += step) binary += String.fromCharCode(...bytes.subarray(at, at + step));
  return btoa(binary);
}

/** @throws TabswarmError `badLibrary` */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new TabswarmError('badLibrary');
  }
}
