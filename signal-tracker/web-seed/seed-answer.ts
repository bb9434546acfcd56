import { open, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { send, sendText } from '../http/responses.ts';
import { parseRange } from '../http/byte-range.ts';
import { log } from '../log.ts';
import type { SeedSlots } from './seed-slots.ts';
import type { SeedFile } from './seed-torrent.ts';

/** What goes from the disk to the network at a time, an answer. */
const chunkBytes = 256 * 1024;

/** A reader that takes nothing for so long gives its slot up. */
const idleMs = 30_000;

/** Slots are free again within moments: a piece is a few MiB. */
const retryAfterSeconds = 2;

/** One file of a seed under its own name for caches. */
export interface SeedEntry {
  readonly file: SeedFile;
  readonly etag: string;
}

/** Where an answer is counted. `address`: as in {@link SeedSlots}. */
export interface AnswerContext {
  readonly slots: SeedSlots;
  readonly address: string;
  /** So many bytes of content go out. */
  served(bytes: number): void;
}

/**
 * A file of a seed as BEP 19 asks for it: whole or in one range, conditional requests (RFC 9110). What strangers seed must never run as a page
 * of this origin: it is an attachment, of no type, in a sandbox.
 */
export async function sendSeed(request: IncomingMessage, response: ServerResponse, entry: SeedEntry, desk: AnswerContext): Promise<void> {
  const headers = headersOf(entry);
  if (isUnchanged(request, entry)) return send(response, 304, headers);
  const range = rangeOf(request, entry);
  const { length } = entry.file;
  if (range === 'unsatisfiable') return send(response, 416, { ...headers, 'Content-Range': `bytes */${length}` });
  const { first, last } = range === 'whole' ? { first: 0, last: length - 1 } : range;
  if (range !== 'whole') headers['Content-Range'] = `bytes ${first}-${last}/${length}`;
  headers['Content-Length'] = last - first + 1;
  const status = range === 'whole' ? 200 : 206;
  if (request.method === 'HEAD' || length === 0) return send(response, status, headers);
  if (!desk.slots.enter(desk.address)) {
    return sendText(response, 503, 'Too many are reading here now.', { 'Retry-After': retryAfterSeconds });
  }
  try {
    await sendBytes(response, status, headers, entry.file, { first, last }, desk);
  } finally {
    desk.slots.leave(desk.address);
  }
}

function headersOf({ file, etag }: SeedEntry): OutgoingHttpHeaders {
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.path.at(-1)!).replaceAll("'", '%27')}`,
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'Cache-Control': 'public, max-age=86400',
    'Last-Modified': new Date(file.modifiedMs).toUTCString(),
    'Accept-Ranges': 'bytes',
    ETag: etag,
  };
}

async function sendBytes(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  file: SeedFile,
  span: { readonly first: number; readonly last: number },
  desk: AnswerContext,
): Promise<void> {
  const handle = await openUnchanged(file);
  if (handle === null) return sendText(response, 410, 'This file is not any more what was seeded.');
  try {
    response.setTimeout(idleMs, () => response.destroy());
    response.writeHead(status, headers);
    await pipeline(() => chunksOf(handle, span, desk), response);
  } catch (error) {
    // Browsers leave in the middle: that is how they take a fetch back.
    if (!response.destroyed || !isEarlyEnd(error)) log.warn('A seeded file could not be sent.', error);
    response.destroy();
  } finally {
    await handle.close();
  }
}

/** `null` where the file is gone or was written to since it was hashed: every piece of it could be wrong. */
async function openUnchanged({ file, length, modifiedMs }: SeedFile): Promise<FileHandle | null> {
  const [opened] = await Promise.allSettled([open(file)]);
  if (opened.status === 'rejected') {
    log.warn('A seeded file cannot be opened any more.', opened.reason);
    return null;
  }
  const handle = opened.value;
  const { size, mtimeMs } = await handle.stat();
  if (size === length && mtimeMs === modifiedMs) return handle;
  await handle.close();
  log.warn('A seeded file was changed since it was hashed; it is not served any more until a restart.');
  return null;
}

async function* chunksOf(
  handle: FileHandle,
  { first, last }: { first: number; last: number },
  desk: AnswerContext,
): AsyncGenerator<Buffer> {
  for (let at = first; at <= last;) {
    const wanted = Math.min(chunkBytes, last + 1 - at);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, at);
    if (bytesRead === 0) throw new Error('a seeded file ends before its length');
    at += bytesRead;
    desk.served(bytesRead);
    yield buffer.subarray(0, bytesRead);
  }
}

function isEarlyEnd(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}

/** `If-None-Match` decides where it is given, `If-Modified-Since` otherwise (RFC 9110, section 13.2.2). */
function isUnchanged({ headers }: IncomingMessage, { etag, file }: SeedEntry): boolean {
  const known = headers['if-none-match'];
  if (known !== undefined) return known.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
  const since = headers['if-modified-since'];
  return since !== undefined && Date.parse(since) >= Math.floor(file.modifiedMs / 1000) * 1000;
}

/** With `If-Range`, a range counts only while the client's copy is of the same bytes. */
function rangeOf({ headers }: IncomingMessage, { etag, file }: SeedEntry): ReturnType<typeof parseRange> {
  const condition = headers['if-range'];
  return condition !== undefined && condition !== etag ? 'whole' : parseRange(headers.range, file.length);
}
