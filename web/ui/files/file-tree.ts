import type { TorrentFile } from '../../bridge/protocol.ts';
import { compareNames } from '../text/compare-names.ts';
import { searchFor } from '../text/search.ts';

interface FileNode {
  readonly kind: 'file';
  readonly name: string;
  readonly depth: number;
  readonly index: number;
  readonly length: number;
  /** Of a symlink. */
  readonly linkTarget: string | undefined;
  /** Joined by "/". */
  readonly path: string;
}

interface FolderNode {
  readonly kind: 'folder';
  readonly name: string;
  readonly depth: number;
  readonly path: string;
  readonly children: TreeNode[];
  /** The indices of all files below this folder, at any depth. */
  readonly indices: number[];
  length: number;
}

export type TreeNode = FileNode | FolderNode;

/**
 * The files whose path contains `filter` (all for `''`), folders first, then by name. Indices and sizes of a folder are those of the files
 * that match. Linear in the number of path parts, but for the sorting: 5,000 files in no order take 6 to 30 ms.
 */
export function treeOf(files: readonly TorrentFile[], filter = ''): TreeNode[] {
  const roots: TreeNode[] = [];
  const folders = new Map<string, FolderNode>();
  const matches = searchFor(filter);
  for (const [index, { path, length, linkTarget }] of files.entries()) {
    const joined = path.join('/');
    if (!matches(joined)) continue;
    let level = roots;
    let above = '';
    for (const [depth, name] of path.slice(0, -1).entries()) {
      const folder = folderAt(folders, level, above + name, name, depth);
      folder.indices.push(index);
      folder.length += length;
      level = folder.children;
      above += `${name}/`;
    }
    level.push({ kind: 'file', name: path.at(-1) ?? '', depth: path.length - 1, index, length, linkTarget, path: joined });
  }
  roots.sort(inOrder);
  for (const folder of folders.values()) folder.children.sort(inOrder);
  return roots;
}

function inOrder(a: TreeNode, b: TreeNode): number {
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
  return compareNames(a.name, b.name) || (a.path < b.path ? -1 : Number(a.path > b.path));
}

function folderAt(folders: Map<string, FolderNode>, level: TreeNode[], path: string, name: string, depth: number): FolderNode {
  const known = folders.get(path);
  if (known !== undefined) return known;
  const folder: FolderNode = { kind: 'folder', name, depth, path, children: [], indices: [], length: 0 };
  folders.set(path, folder);
  level.push(folder);
  return folder;
}

/** The rows to show, top to bottom, without the content of closed folders. */
export function visibleRows(roots: readonly TreeNode[], closed: ReadonlySet<string>): TreeNode[] {
  const rows: TreeNode[] = [];
  const stack = roots.toReversed();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    rows.push(node);
    if (node.kind === 'folder' && !closed.has(node.path)) stack.push(...node.children.toReversed());
  }
  return rows;
}

export type Selection = 'all' | 'some' | 'none';

export function selectionOf(node: TreeNode, chosen: readonly boolean[]): Selection {
  if (node.kind === 'file') return chosen[node.index] === true ? 'all' : 'none';
  const first = chosen[node.indices[0] ?? 0] === true;
  if (node.indices.some((index) => (chosen[index] === true) !== first)) return 'some';
  return first ? 'all' : 'none';
}

/** The file, or every file below the folder. */
export function indicesOf(node: TreeNode): readonly number[] {
  return node.kind === 'file' ? [node.index] : node.indices;
}

/** The flags after selecting or clearing `node` and everything below it. */
export function withSelection(node: TreeNode, chosen: readonly boolean[], on: boolean): boolean[] {
  const flags = [...chosen];
  for (const index of indicesOf(node)) flags[index] = on;
  return flags;
}

export function selectedBytes(files: readonly TorrentFile[], chosen: readonly boolean[]): number {
  return files.reduce((sum, file, index) => sum + (chosen[index] === true ? file.length : 0), 0);
}
