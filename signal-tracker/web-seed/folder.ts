import { isUtf8 } from 'node:buffer';
import { readdir } from 'node:fs/promises';
import { sep } from 'node:path';

/** The plain files below a folder, and what cannot be in a torrent. */
export interface FolderListing {
  /** Path parts below the folder. */
  readonly files: readonly (readonly string[])[];
  /** Paths whose names are not UTF-8, readable. A torrent's names are (BEP 3), and a decoded name would not be found again. */
  readonly skipped: readonly string[];
}

/** Lists a folder. Links are not followed. Rejects with the file system's error. */
export async function listFolder(folder: string): Promise<FolderListing> {
  const files: string[][] = [];
  const skipped: string[] = [];
  const folders: string[][] = [[]];
  for (let parts = folders.pop(); parts !== undefined; parts = folders.pop()) {
    // Names come as bytes: as text, a name that is not UTF-8 would be another one.
    for (const entry of await readdir([folder, ...parts].join(sep), { withFileTypes: true, encoding: 'buffer' })) {
      const path = [...parts, entry.name.toString()];
      if (!entry.isFile() && !entry.isDirectory()) continue;
      if (!isUtf8(entry.name)) skipped.push([...parts, readable(entry.name)].join('/'));
      else (entry.isFile() ? files : folders).push(path);
    }
  }
  return { files, skipped };
}

/** A name with its bytes beyond ASCII as escapes. */
function readable(name: Buffer): string {
  return name.toString('latin1').replaceAll(/[^ -~]/g, (unit) => String.raw`\x${unit.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
