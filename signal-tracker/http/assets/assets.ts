import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { mediaTypeOf } from './media-type.ts';
import { compress, isCopy, readCopies, type Compressed } from './compressed.ts';

/** One file of the built app, in memory, in every encoding it is sent in. */
export interface Asset extends Compressed {
  readonly type: string;
  readonly etag: string;
  /** As an HTTP date. */
  readonly lastModified: string;
  readonly cacheControl: string;
  readonly identity: Buffer;
}

/** By URL path, `/` included. A path that is not a key does not exist: nothing a request says ever reaches the file system. */
export type Assets = ReadonlyMap<string, Asset>;

/** The bundler puts a hash of the content into these names. */
const immutable = 'public, max-age=31536000, immutable';
const revalidate = 'no-cache';

/**
 * Reads a built app. With the `origin` at which people reach it the page names its preview picture by an absolute address, as chats require.
 * Throws the file system's error if there is no such folder or no `index.html` in it.
 */
export async function loadAssets(folder: string, origin: string | null = null): Promise<Assets> {
  const assets = new Map<string, Asset>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || isCopy(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    assets.set(path, await loadAsset(file, path, path === '/index.html' ? origin : null));
  }
  assets.set('/', assets.get('/index.html') ?? (await loadAsset(join(folder, 'index.html'), '/index.html', origin)));
  return assets;
}

async function loadAsset(file: string, path: string, origin: string | null): Promise<Asset> {
  const [read, { mtime }] = await Promise.all([readFile(file), stat(file)]);
  const identity = origin === null ? read : Buffer.from(read.toString().replace('content="/card.png"', `content="${origin}/card.png"`));
  // The page with an address of its own is not the one that the build compressed.
  const copies = identity === read ? await readCopies(file, mtime) : null;
  return {
    type: mediaTypeOf(path).name,
    etag: `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`,
    lastModified: mtime.toUTCString(),
    cacheControl: path.startsWith('/assets/') ? immutable : revalidate,
    identity,
    ...(copies ?? (await compress(path, identity))),
  };
}
