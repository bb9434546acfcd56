import { assert } from '../assert.ts';
import { encode, Verbatim, type Encodable } from '../bencode/encode.ts';
import { toBinaryString, utf8 } from '../bytes.ts';
import { blockBytes } from '../limits.ts';
import { UniquePaths } from './names.ts';

/**
 * Making v1 torrents (BEP 3, BEP 12, BEP 19). Pure: the host reads and hashes, laid out by `Geometry`. No padding files are written and
 * nothing optional goes into the info dictionary, so that other tools get the same info hash from the same files.
 */
export interface SourceFile {
  /** At least one part, the last is the file's name; folders as they were chosen. */
  readonly path: readonly string[];
  readonly length: number;
}

export interface ArrangedFile<Source extends SourceFile> {
  /** As `TorrentEntry.path`: `[name]` for a single file without a folder, else the torrent's name first. */
  readonly path: readonly string[];
  readonly length: number;
  readonly source: Source;
}

/** Enough pieces to spread quickly, few enough for short messages and a small .torrent: between 1,000 and 2,000 where the limits let it. */
const mostPieces = 2000;

const minPieceBytes = blockBytes;

/** A piece is held in memory until it is verified, and nothing of it can be passed on before: beyond 8 MiB that costs more than it saves. */
const largestChosenPieceBytes = 8 * 1024 * 1024;

/** A power of two from 16 KiB to 8 MiB, in bytes. */
export function choosePieceLength(totalBytes: number): number {
  let pieceLength = minPieceBytes;
  while (pieceLength < largestChosenPieceBytes && totalBytes > mostPieces * pieceLength) pieceLength *= 2;
  return pieceLength;
}

/**
 * Puts chosen files below the torrent's name and into the order of their paths, compared part by part as UTF-8 bytes (the order of a
 * v2 file tree, BEP 52), so that the same files under the same name make the same info hash however they were chosen. A folder that
 * all of them lie in gives way to `name`. Names that differ in case only are numbered: elsewhere one would overwrite the other.
 */
export function arrangeFiles<Source extends SourceFile>(name: string, sources: readonly Source[]): ArrangedFile<Source>[] {
  const commonFolder = hasCommonFolder(sources);
  const placed = sources.map((source) => {
    const path = pathBelow(name, source.path, commonFolder, sources.length);
    return { path, length: source.length, source, rank: path.map(rank).join('\0') };
  });
  placed.sort((a, b) => compare(a.rank, b.rank) || a.length - b.length);
  const unique = new UniquePaths();
  const inFolders = placed.map(({ path, length, source }) => ({ path, length, source, folder: unique.addFolders(path) }));
  return inFolders.map(({ path, length, source, folder }) => ({ path: unique.claim(path, folder), length, source }));
}

/** The info dictionary of arranged files: `length` for a single file, `files` for a folder. `pieceHashes`: SHA-1, 20 bytes a piece. */
export function encodeInfo(torrent: {
  readonly name: string;
  readonly files: readonly SourceFile[];
  readonly pieceLength: number;
  readonly pieceHashes: Uint8Array;
}): Uint8Array<ArrayBuffer> {
  const { name, files, pieceLength, pieceHashes } = torrent;
  const [first, ...others] = files;
  assert(first !== undefined, 'a torrent has a file');
  assert(pieceHashes.length % 20 === 0, 'a piece hash is 20 bytes long');
  const single = others.length === 0 && first.path.length === 1;
  const content: [string, Encodable] = single ? ['length', first.length] : ['files', files.map(encodableFile)];
  return encode(new Map<string, Encodable>([['name', name], ['piece length', pieceLength], ['pieces', pieceHashes], content]));
}

/** A .torrent file around an info dictionary that is kept byte for byte. Announce URLs come by tier (BEP 12). */
export function encodeTorrent(torrent: {
  readonly infoBytes: Uint8Array;
  readonly trackers: readonly (readonly string[])[];
  readonly webSeeds: readonly string[];
  readonly createdBy?: string;
  /** Seconds since the Unix epoch. */
  readonly creationDate?: number;
}): Uint8Array<ArrayBuffer> {
  const { infoBytes, trackers, webSeeds, createdBy, creationDate } = torrent;
  const root = new Map<string, Encodable>([['info', new Verbatim(infoBytes)]]);
  const tiers = trackers.filter((tier) => tier.length > 0);
  const first = tiers[0]?.[0];
  if (first !== undefined) root.set('announce', first);
  if (tiers.flat().length > 1) root.set('announce-list', tiers);
  if (webSeeds.length > 0) root.set('url-list', webSeeds);
  if (createdBy !== undefined) root.set('created by', createdBy);
  if (creationDate !== undefined) root.set('creation date', creationDate);
  return encode(root);
}

function hasCommonFolder(sources: readonly SourceFile[]): boolean {
  const folder = sources[0]?.path[0];
  return sources.every(({ path }) => path.length > 1 && path[0] === folder);
}

function pathBelow(name: string, path: readonly string[], commonFolder: boolean, fileCount: number): string[] {
  if (commonFolder) return [name, ...path.slice(1)];
  return fileCount === 1 ? [name] : [name, ...path];
}

/** Text whose UTF-16 order is the order of the name's UTF-8 bytes; joined by NUL, which is below every other character of a name. */
function rank(part: string): string {
  return toBinaryString(utf8(part));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function encodableFile({ path, length }: SourceFile): Encodable {
  return new Map<string, Encodable>([
    ['length', length],
    ['path', path.slice(1)],
  ]);
}
