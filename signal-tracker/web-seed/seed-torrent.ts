import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { InfoHash } from '../../shared/ids.ts';
import { maxFiles, maxMetadataBytes } from '../../shared/limits.ts';
import { arrangeFiles, choosePieceLength, encodeInfo, type SourceFile } from '../../shared/torrent/create.ts';
import { UsageError } from '../config/usage-error.ts';
import { listFolder } from './folder.ts';

/** Read at a time: large enough for the disk, and hashed in less than a millisecond, so that sockets are served in between. */
const readBytes = 256 * 1024;

/** SHA-1. */
const hashBytes = 20;

/** A file of a seed as it was when it was hashed. */
export interface SeedFile extends SourceFile {
  /** Where it is on this machine. */
  readonly file: string;
  readonly modifiedMs: number;
}

/** What is at a path, before it is hashed: one file, or all plain files of a folder. */
export interface SeedPlan {
  readonly name: string;
  readonly totalBytes: number;
  readonly pieceLength: number;
  /** In the order of the piece space. `path` begins with the torrent's name. */
  readonly files: readonly SeedFile[];
  /** Paths in the folder that cannot be in a torrent. */
  readonly skipped: readonly string[];
}

export interface SeedTorrent extends SeedPlan {
  readonly infoHash: InfoHash;
  readonly infoBytes: Uint8Array;
}

/** Inspects a path. Links are not followed, since they may lead out of the folder. Throws {@link UsageError} if there is nothing to seed. */
export async function planSeed(path: string): Promise<SeedPlan> {
  const root = resolve(path);
  const found = await stat(root).catch((error: unknown) => {
    throw new UsageError(`--seed ${path} cannot be read: there is no such file or folder, or it is not readable.`, { cause: error });
  });
  const { files: paths, skipped } = found.isDirectory() ? await listFolder(root).catch(unreadable(path)) : { files: [[]], skipped: [] };
  const sources = await Promise.all(paths.map((parts) => seedFile(join(root, ...parts), [basename(root), ...parts]))).catch(
    unreadable(path),
  );
  if (sources.length > maxFiles) throw new UsageError(`--seed ${path} has more than ${maxFiles} files, more than a torrent can hold.`);
  const totalBytes = sources.reduce((sum, { length }) => sum + length, 0);
  if (totalBytes === 0) throw new UsageError(`--seed ${path} is empty: there is nothing to seed.`);
  const name = basename(root);
  const files = arrangeFiles(name, sources).map(({ path: placed, length, source: { file, modifiedMs } }): SeedFile => ({
    path: placed,
    length,
    file,
    modifiedMs,
  }));
  const pieceLength = choosePieceLength(totalBytes);
  const noHashes = new Uint8Array(hashBytes * Math.ceil(totalBytes / pieceLength));
  if (encodeInfo({ name, files, pieceLength, pieceHashes: noHashes }).length > maxMetadataBytes) {
    throw new UsageError(
      `--seed ${path} has so many files with such long names that peers refuse their list (over ${maxMetadataBytes / 1_000_000} MB). Pack them into one archive, or seed fewer.`,
    );
  }
  return { name, totalBytes, pieceLength, files, skipped };
}

function unreadable(path: string): (error: unknown) => never {
  return (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--seed ${path} cannot be read: ${reason}.`, { cause: error });
  };
}

/** Hashes a plan, {@link readBytes} at a time. Rejects if a file cannot be read or became shorter. */
export async function hashSeed(plan: SeedPlan): Promise<SeedTorrent> {
  const { name, files, pieceLength, totalBytes } = plan;
  const pieceHashes = Buffer.alloc(hashBytes * Math.ceil(totalBytes / pieceLength));
  let hash = createHash('sha1');
  let hashedBytes = 0;
  for await (const chunk of chunksOf(files)) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + pieceLength - (hashedBytes % pieceLength));
      hash.update(part);
      at += part.length;
      hashedBytes += part.length;
      if (hashedBytes % pieceLength !== 0 && hashedBytes !== totalBytes) continue;
      hash.digest().copy(pieceHashes, hashBytes * (Math.ceil(hashedBytes / pieceLength) - 1));
      hash = createHash('sha1');
    }
  }
  const infoBytes = encodeInfo({ name, files, pieceLength, pieceHashes });
  return { ...plan, infoBytes, infoHash: createHash('sha1').update(infoBytes).digest('hex') as InfoHash };
}

/** The bytes of all files in order. A file that grew or shrank since it was inspected would shift everything after it. */
async function* chunksOf(files: readonly SeedFile[]): AsyncGenerator<Buffer> {
  for (const { file, length } of files) {
    if (length === 0) continue;
    let readInFile = 0;
    for await (const chunk of createReadStream(file, { end: length - 1, highWaterMark: readBytes })) {
      readInFile += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
    if (readInFile !== length) throw new Error(`${file} became shorter while it was hashed`);
  }
}

async function seedFile(file: string, path: readonly string[]): Promise<SeedFile> {
  const { size, mtimeMs } = await stat(file);
  return { file, path, length: size, modifiedMs: mtimeMs };
}
