import type { Dictionary } from '../bencode/decode.ts';
import { fromBinaryString, fromUtf8 } from '../bytes.ts';
import { maxFiles } from '../limits.ts';
import { attributesOf, badTorrent, bytesAt, lengthAt } from './fields.ts';

/**
 * The `file tree` of BEP 52 ("file tree"): folders are dictionaries of names, a file is the dictionary under an empty name.
 * https://www.bittorrent.org/beps/bep_0052.html. The piece space follows the order of the keys as received.
 */
export interface TreeFile {
  /** As received, without the torrent's name. */
  readonly path: readonly string[];
  readonly length: number;
  readonly piecesRoot: Uint8Array | null;
  /** The target of a symlink (BEP 47), as received; `null` for files. */
  readonly linkTarget: readonly string[] | null;
}

interface Folder {
  readonly path: readonly string[];
  readonly entries: Iterator<[string, unknown]>;
}

/** Throws `badTorrent`. Depth-first without recursion; the depth is bounded by the bencode limits of files. */
export function readFileTree(tree: Dictionary): TreeFile[] {
  const files: TreeFile[] = [];
  const stack: Folder[] = [{ path: [], entries: tree.entries() }];
  for (let folder = stack.at(-1); folder !== undefined; folder = stack.at(-1)) {
    const next = folder.entries.next();
    if (next.done === true) {
      stack.pop();
      continue;
    }
    const [key, node] = next.value;
    if (!(node instanceof Map)) throw badTorrent('a node of the file tree is no dictionary');
    if (key !== '') stack.push(openNode(node as Dictionary, [...folder.path, fromUtf8(fromBinaryString(key))]));
    else files.push(readFile(node as Dictionary, folder.path));
    if (files.length > maxFiles) throw badTorrent('too many files');
  }
  if (files.length === 0) throw badTorrent('the file tree is empty');
  return files;
}

/** A node is either a file (one empty key) or a folder of names. */
function openNode(node: Dictionary, path: readonly string[]): Folder {
  if (node.has('') && node.size > 1) throw badTorrent('a node of the file tree is both file and folder');
  return { path, entries: node.entries() };
}

function readFile(node: Dictionary, path: readonly string[]): TreeFile {
  if (path.length === 0) throw badTorrent('the root of the file tree is a file');
  const { linkTarget, hasNoBytes } = attributesOf(node);
  const length = hasNoBytes ? 0 : lengthAt(node);
  const root = bytesAt(node, 'pieces root');
  if (length > 0 && root?.length !== 32) throw badTorrent('a pieces root is missing or not 32 bytes long');
  return { path, length, piecesRoot: length > 0 ? root : null, linkTarget };
}
