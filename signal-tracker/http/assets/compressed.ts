import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { mediaTypeOf } from './media-type.ts';

/** The compressed copies of one file; `null` where they are not worth it. */
export interface Compressed {
  readonly gzip: Buffer | null;
  readonly brotli: Buffer | null;
}

/** Less than this fits into one packet anyway. */
const minCompressedBytes = 512;

/** The names that web servers look for (nginx: `gzip_static`, `brotli_static`). */
const gzipEnd = '.gz';
const brotliEnd = '.br';

const none: Compressed = { gzip: null, brotli: null };
const compressGzip = promisify(gzip);
const compressBrotli = promisify(brotliCompress);

export async function compress(path: string, bytes: Buffer): Promise<Compressed> {
  if (!mediaTypeOf(path).compressible || bytes.length < minCompressedBytes) return none;
  const [gzipped, brotli] = await Promise.all([
    compressGzip(bytes, { level: constants.Z_BEST_COMPRESSION }),
    compressBrotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
  ]);
  return { gzip: gzipped, brotli };
}

export function isCopy(path: string): boolean {
  return path.endsWith(gzipEnd) || path.endsWith(brotliEnd);
}

/** Writes a copy beside each file of the folder that is worth it; the build does so. */
export async function writeCopies(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !isCopy(entry.name)).map(({ parentPath, name }) => join(parentPath, name));
  await Promise.all(
    files.map(async (file) => {
      const copies = await compress(file, await readFile(file));
      if (copies.gzip !== null) await writeFile(file + gzipEnd, copies.gzip);
      if (copies.brotli !== null) await writeFile(file + brotliEnd, copies.brotli);
    }),
  );
}

/** The copies that the build wrote, unless the file was changed since; `null` where one is missing. */
export async function readCopies(file: string, changed: Date): Promise<Compressed | null> {
  const [gzipped, brotli] = await Promise.all([readSince(file + gzipEnd, changed), readSince(file + brotliEnd, changed)]);
  return gzipped === null || brotli === null ? null : { gzip: gzipped, brotli };
}

async function readSince(file: string, changed: Date): Promise<Buffer | null> {
  try {
    const { mtime } = await stat(file);
    return mtime < changed ? null : await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
