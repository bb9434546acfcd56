import { assert } from '../../../shared/assert.ts';
import type { Bytes } from '../../../shared/bytes.ts';
import { TabswarmError } from '../../../shared/failure.ts';
import type { Geometry } from '../../../shared/torrent/geometry.ts';
import type { SaveTarget } from '../../bridge/protocol.ts';
import { PickedFolder } from './picked-folder.ts';
import { PulledPort } from './pulled-port.ts';
import { readRanges } from './read-ranges.ts';
import type { BlockReader } from '../interfaces.ts';

/** Small pieces are single reads, so reading some ahead hides the database's latency. */
const readsAhead = 6;

/** How many failed files are named: a full or missing disk refuses all of them. */
const mostNamed = 3;

/** A file as it is saved: its place in the torrent, and its sanitised path. */
export interface SavedFile {
  readonly index: number;
  readonly path: readonly string[];
}

export interface SaveSource {
  readonly geometry: Geometry;
  readonly pieces: BlockReader;
}

/** Where on the disk files are. `file` is a file's place in the torrent. */
export interface SavePlaces {
  /** The file is served from here, so that writing would replace what is being read. */
  isServedFrom(file: number, handle: FileSystemFileHandle): Promise<boolean>;
  /** All of the file is here. */
  saved(file: number, handle: FileSystemFileHandle): void;
}

/**
 * Writes complete files to where the person wants them, in order and a megabyte at a time.
 * @returns the Blob for a `blob` target, else `null`.
 * @throws TabswarmError `notComplete`, `saveFailed`
 */
export async function saveFiles(
  source: SaveSource,
  files: readonly SavedFile[],
  target: SaveTarget,
  places: SavePlaces,
): Promise<Blob | null> {
  const [file] = files;
  if (file === undefined) throw new TabswarmError('notComplete');
  if (target.kind === 'blob') return blobOf(source, file);
  if (target.kind === 'stream') await feedPort(chunksOf(source, file.index), new PulledPort(target.port));
  else if (target.kind === 'file') await saveTo(source, file, target.handle, places);
  else await writeFolder(source, files, target.handle, places);
  return null;
}

/** The bytes of a file in order, 1 MiB at most at a time. @throws TabswarmError `notComplete` where a piece is missing or was lost. */
async function* chunksOf(source: SaveSource, file: number): AsyncGenerator<Bytes, undefined> {
  const fileBytes = source.geometry.files[file]?.length;
  assert(fileBytes !== undefined, 'file index in range');
  const ahead: Promise<Bytes | null>[] = [];
  try {
    for (const { piece, begin, length } of readRanges(source.geometry, { file, offset: 0, length: fileBytes })) {
      ahead.push(source.pieces.read(piece, begin, length));
      const oldest = ahead.length >= readsAhead ? ahead.shift() : undefined;
      if (oldest !== undefined) yield present(await oldest);
    }
    for (let reading = ahead.shift(); reading !== undefined; reading = ahead.shift()) yield present(await reading);
  } finally {
    await Promise.allSettled(ahead);
  }
}

function present(bytes: Bytes | null): Bytes {
  if (bytes === null) throw new TabswarmError('notComplete');
  return bytes;
}

/** Writes every file it can, then names those that failed. */
async function writeFolder(
  source: SaveSource,
  files: readonly SavedFile[],
  handle: FileSystemDirectoryHandle,
  places: SavePlaces,
): Promise<void> {
  const folder = new PickedFolder(
    handle,
    files.map(({ path }) => path),
  );
  const failures: { readonly path: readonly string[]; readonly error: TabswarmError }[] = [];
  for (const file of files) {
    const { path } = file;
    try {
      const at = await folder.file(path).catch((error: unknown) => Promise.reject(saveFailed(path, error)));
      await saveTo(source, file, at, places);
    } catch (error) {
      if (!(error instanceof TabswarmError)) throw error;
      failures.push({ path, error });
    }
  }
  const [first, ...others] = failures;
  if (first === undefined) return;
  const named = [first.error.detail || first.path.join('/'), ...others.slice(0, mostNamed - 1).map(({ path }) => path.join('/'))];
  if (failures.length > mostNamed) named.push(`… (${failures.length})`);
  throw new TabswarmError(first.error.code, named.join(' · '));
}

async function saveTo(source: SaveSource, file: SavedFile, handle: FileSystemFileHandle, places: SavePlaces): Promise<void> {
  const isThere = (): Promise<boolean> => places.isServedFrom(file.index, handle);
  // Reading finds pieces that were not hashed since the start and are wrong: the file is then not served any more.
  if (!((await isThere()) && (await isReadable(source, file)) && (await isThere()))) await writeFile(source, file, handle);
  places.saved(file.index, handle);
}

async function isReadable(source: SaveSource, { index }: SavedFile): Promise<boolean> {
  for await (const bytes of chunksOf(source, index)) if (bytes.length === 0) return false;
  return true;
}

/** The browser writes to a swap file and moves it into place at `close`, so an aborted save leaves no half file. */
async function writeFile(source: SaveSource, { index, path }: SavedFile, handle: FileSystemFileHandle): Promise<void> {
  const writable = await handle.createWritable().catch((error: unknown) => Promise.reject(saveFailed(path, error)));
  try {
    for await (const bytes of chunksOf(source, index)) await writable.write(bytes);
    await writable.close();
  } catch (error) {
    await Promise.allSettled([writable.abort()]);
    throw error instanceof TabswarmError ? error : saveFailed(path, error);
  }
}

function saveFailed(path: readonly string[], error: unknown): TabswarmError {
  return new TabswarmError('saveFailed', `${path.join('/')}: ${String(error)}`);
}

/** Sends one chunk for each pull. Stops where the other side closes its port. */
async function feedPort(chunks: AsyncGenerator<Bytes, undefined>, port: PulledPort): Promise<void> {
  try {
    while (await port.pulled()) {
      const { value } = await chunks.next();
      if (value === undefined) return port.end();
      port.send(value);
    }
  } finally {
    port.close();
  }
}

/** A Blob of Blobs: each megabyte goes to the browser's Blob store, which moves to disk whatever does not fit in memory. */
async function blobOf(source: SaveSource, { index, path }: SavedFile): Promise<Blob> {
  const parts: Blob[] = [];
  try {
    for await (const bytes of chunksOf(source, index)) parts.push(new Blob([bytes]));
    return new Blob(parts, { type: 'application/octet-stream' });
  } catch (error) {
    throw error instanceof TabswarmError ? error : new TabswarmError('tooLargeForMemory', path.join('/'));
  }
}
