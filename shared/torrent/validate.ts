import type { Dictionary, Value } from '../bencode/decode.ts';
import { fromUtf8, utf8 } from '../bytes.ts';
import { TabswarmError } from '../failure.ts';
import { maxFiles, maxPathParts, maxPieceBytes, maxPieces } from '../limits.ts';
import { attributesOf, badTorrent, bytesAt, dictionaryAt, integerAt, lengthAt, textAt, texts } from './fields.ts';
import { readFileTree, type TreeFile } from './file-tree.ts';
import { Geometry } from './geometry.ts';
import type { Info, TorrentEntry, TorrentKind } from './info.ts';
import { namelessFile, sanitiseName, sanitisePath, sanitiseTarget, UniquePaths } from './names.ts';

/**
 * The one validator of info dictionaries, whatever their source: a .torrent file, a peer (BEP 9), our own storage. BEP 3 (info
 * dictionary), BEP 27 (private), BEP 47 (padding files, symlinks), BEP 52 (v2 and hybrid). Throws `badTorrent` with the particulars,
 * `piecesTooLarge`. Left out: Merkle proofs, which need hashing.
 */
export function validateInfo(dictionary: Dictionary): Info {
  const rawName = textAt(dictionary, 'name');
  if (rawName === null) throw badTorrent('name is missing');
  const name = sanitiseName(rawName) || namelessFile;
  const kind = kindOf(dictionary);
  const pieceLength = readPieceLength(dictionary, kind);
  const files = named(readFiles(dictionary, kind, rawName), name);
  const geometry = layOut(pieceLength, files, kind);
  return {
    kind,
    name,
    pieceLength,
    files,
    isPrivate: dictionary.get('private') === 1,
    pieceHashes: readPieceHashes(dictionary, kind, geometry.pieceCount),
    geometry,
  };
}

/** What {@link validateInfo} reads of the info dictionary that `encodeInfo` writes of the same share: known without encoding and parsing it. */
export function infoOfShare(share: {
  readonly name: string;
  readonly files: readonly { readonly path: readonly string[]; readonly length: number }[];
  readonly pieceLength: number;
  readonly pieceHashes: Uint8Array;
}): Info {
  const { name: rawName, pieceLength, pieceHashes } = share;
  const name = sanitiseName(asEncoded(rawName)) || namelessFile;
  const raw = share.files.map(({ path, length }) => ({
    path: [rawName, ...path.slice(1)].map(asEncoded),
    length,
    padding: false,
    piecesRoot: null,
    linkTarget: null,
  }));
  const files = named(raw, name);
  return { kind: 'v1', name, pieceLength, files, isPrivate: false, pieceHashes, geometry: layOut(pieceLength, files, 'v1') };
}

/** Text as it comes back out of UTF-8: halves of surrogate pairs are U+FFFD then. */
function asEncoded(text: string): string {
  return fromUtf8(utf8(text));
}

/** A file as received; `path` has the torrent's name first. */
interface RawFile extends TreeFile {
  readonly padding: boolean;
}

function kindOf(dictionary: Dictionary): TorrentKind {
  const version = integerAt(dictionary, 'meta version') ?? 1;
  if (version === 1) return 'v1';
  if (version !== 2) throw badTorrent(`meta version ${version} is unknown`);
  return dictionary.has('pieces') ? 'hybrid' : 'v2';
}

/** BEP 52 wants powers of two from 16 KiB; of v1 torrents any multiple of 1 KiB is read, as old clients made odd ones. */
function readPieceLength(dictionary: Dictionary, kind: TorrentKind): number {
  const length = integerAt(dictionary, 'piece length') ?? 0;
  const fits = kind === 'v1' ? length % 1024 === 0 : length >= 16_384 && Number.isInteger(Math.log2(length));
  if (length <= 0 || !fits) throw badTorrent(`piece length ${length} is not allowed`);
  if (length > maxPieceBytes) throw new TabswarmError('piecesTooLarge', `${Math.ceil(length / 2 ** 20)} MiB`);
  return length;
}

function readFiles(dictionary: Dictionary, kind: TorrentKind, name: string): RawFile[] {
  if (kind === 'v1') return readV1Files(dictionary, name);
  const tree = readTree(dictionary, name);
  if (kind === 'v2') return tree;
  const files = readV1Files(dictionary, name);
  return withRoots(files, tree);
}

/** BEP 3: a single file has `length`, a folder has `files`. */
function readV1Files(dictionary: Dictionary, name: string): RawFile[] {
  const files = dictionary.get('files');
  if (files === undefined) return [{ path: [name], length: lengthAt(dictionary), padding: false, piecesRoot: null, linkTarget: null }];
  if (dictionary.has('length')) throw badTorrent('both length and files are given');
  if (!Array.isArray(files) || files.length === 0) throw badTorrent('files is no list, or empty');
  if (files.length > maxFiles) throw badTorrent('too many files');
  return files.map((file) => readV1File(file, name));
}

function readV1File(file: Value, name: string): RawFile {
  if (!(file instanceof Map)) throw badTorrent('a file is no dictionary');
  const { padding, linkTarget, hasNoBytes } = attributesOf(file);
  const length = hasNoBytes ? 0 : lengthAt(file);
  return { path: [name, ...pathOf(file, padding, length)], length, padding, piecesRoot: null, linkTarget };
}

/** Padding needs no path (BEP 47): nobody sees it. */
function pathOf(file: Dictionary, padding: boolean, length: number): string[] {
  const preferred = file.get('path.utf-8');
  const path = Array.isArray(preferred) ? preferred : file.get('path');
  return padding && path === undefined ? ['.pad', String(length)] : texts(path, 'path');
}

/** A tree of one file that is called like the torrent is a torrent of a single file (BEP 52, "name"). */
function readTree(dictionary: Dictionary, name: string): RawFile[] {
  const tree = dictionaryAt(dictionary, 'file tree');
  if (tree === null) throw badTorrent('file tree is missing');
  const files = readFileTree(tree);
  const [only, ...others] = files;
  const single = others.length === 0 && only?.path.length === 1 && only.path[0] === name;
  return files.map(({ path, length, piecesRoot, linkTarget }) => {
    return { path: single ? path : [name, ...path], length, padding: false, piecesRoot, linkTarget };
  });
}

/** The v1 files of a hybrid torrent with the pieces roots of its v2 files: both must list the same files in the same order. */
function withRoots(files: readonly RawFile[], tree: readonly RawFile[]): RawFile[] {
  let index = 0;
  const both = files.map((file) => {
    if (file.padding) return file;
    const twin = tree[index++];
    if (twin?.length !== file.length || !samePath(twin.path, file.path)) throw badTorrent('the v1 and v2 files differ');
    return { ...file, piecesRoot: twin.piecesRoot };
  });
  if (index !== tree.length) throw badTorrent('the v1 and v2 files differ');
  return both;
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** A geometry allocates per file, never per piece, so it may be asked for the count of pieces before that is known to be sane. */
function layOut(pieceLength: number, files: readonly TorrentEntry[], kind: TorrentKind): Geometry {
  const geometry = new Geometry(pieceLength, files, kind === 'v2');
  if (geometry.pieceCount > maxPieces) throw badTorrent('more pieces than allowed');
  if (kind === 'hybrid') checkAlignment(geometry);
  return geometry;
}

/** BEP 52, "Upgrade Path": padding puts every file of a hybrid torrent at the start of a piece, or v1 and v2 pieces would differ. */
function checkAlignment(geometry: Geometry): void {
  for (const [index, file] of geometry.files.entries()) {
    if (!file.padding && file.length > 0 && !geometry.beginsPiece(index)) throw badTorrent('a file of the hybrid torrent is not aligned');
  }
}

/** BEP 3, "pieces": 20 bytes a piece. */
function readPieceHashes(dictionary: Dictionary, kind: TorrentKind, pieceCount: number): Uint8Array {
  if (kind === 'v2') return new Uint8Array(0);
  const hashes = bytesAt(dictionary, 'pieces');
  if (hashes === null) throw badTorrent('pieces is missing');
  if (hashes.length !== 20 * pieceCount) throw badTorrent(`pieces holds ${hashes.length} bytes for ${pieceCount} pieces`);
  return hashes;
}

/** Padding files are never shown or saved, so their names (often the same) need not differ. */
function named(files: readonly RawFile[], name: string): TorrentEntry[] {
  const parts = files.reduce((sum, file) => sum + file.path.length + (file.linkTarget?.length ?? 0), 0);
  if (parts > maxPathParts) throw badTorrent('too many folders');
  const unique = new UniquePaths();
  const placed = files.map((file) => {
    const safe = file.path.length === 1 ? [name] : sanitisePath(name, file.path.slice(1));
    return { file, safe, folder: file.padding ? 0 : unique.addFolders(safe) };
  });
  return placed.map(({ file, safe, folder }) => ({
    path: file.padding ? safe : unique.claim(safe, folder),
    length: file.length,
    padding: file.padding,
    piecesRoot: file.piecesRoot,
    linkTarget: file.linkTarget === null ? null : sanitiseTarget(file.linkTarget),
    webSeedPath: file.path,
  }));
}
