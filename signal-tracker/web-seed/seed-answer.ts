import { open, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { send, sendText } from '../http/responses.ts';
import { contentRange, selectBytes } from '../http/conditional.ts';
import type { Milliseconds } from '../../shared/ids.ts';
import { log } from '../log.ts';
import type { SeedSlot, SeedSlots } from './seed-slots.ts';
import type { SeedFile } from './seed-torrent.ts';

/** Read from disk and sent at a time, for each answer. */
const chunkBytes = 256 * 1024;

/** A reader that takes nothing for this long loses its slot. */
const idleMs = 30_000;

/** Slots become free quickly: a piece is a few MiB. */
const retryAfterSeconds = 2;

/** One file of a seed, with its ETag. */
export interface SeedEntry {
  readonly file: SeedFile;
  readonly etag: string;
}

/** What an answer needs beside its file. `address`: as in {@link SeedSlots}. */
export interface AnswerContext {
  readonly slots: SeedSlots;
  readonly address: string;
  readonly now: () => Milliseconds;
  /** Counts bytes of content that go out. */
  served(bytes: number): void;
}

interface RunningAnswer {
  readonly context: AnswerContext;
  readonly slot: SeedSlot;
}

/**
 * Answers with a file of a seed, whole or in one range (BEP 19). Seeded content must never run as a page of this origin: it is sent as an attachment
 * without a type, in a sandbox.
 */
export async function sendSeed(
  request: IncomingMessage,
  response: ServerResponse,
  entry: SeedEntry,
  context: AnswerContext,
): Promise<void> {
  const { etag, file } = entry;
  const { length } = file;
  const lastModified = new Date(file.modifiedMs).toUTCString();
  const headers = headersOf(entry, lastModified);
  const selection = selectBytes(request, { etag, lastModified, length });
  const range = contentRange(selection, length);
  if (range !== null) headers['Content-Range'] = range;
  if (selection.status === 304 || selection.status === 416) return send(response, selection.status, headers);
  const { status, first, last } = selection;
  headers['Content-Length'] = last - first + 1;
  if (request.method === 'HEAD' || length === 0) return send(response, status, headers);
  // Pipelined behind another answer it has no connection yet, and Node never tells it when that one ends: the file would stay open for good.
  if (response.socket === null) {
    return sendText(response, 503, 'One download at a time on a connection.', { 'Retry-After': retryAfterSeconds });
  }
  const slot: SeedSlot = { address: context.address, progressAt: context.now(), end: () => response.destroy() };
  if (!context.slots.enter(slot, slot.progressAt)) {
    return sendText(response, 503, 'Too many downloads are running. Try again in a moment.', { 'Retry-After': retryAfterSeconds });
  }
  try {
    await sendBytes(response, status, headers, file, { first, last }, { context, slot });
  } finally {
    context.slots.leave(slot);
  }
}

function headersOf({ file, etag }: SeedEntry, lastModified: string): OutgoingHttpHeaders {
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.path.at(-1) ?? '').replaceAll("'", '%27')}`,
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'Cache-Control': 'public, max-age=86400',
    'Last-Modified': lastModified,
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
  run: RunningAnswer,
): Promise<void> {
  const handle = await openUnchanged(file);
  if (handle === null) return sendText(response, 410, 'This file has changed since it was seeded.');
  try {
    response.setTimeout(idleMs, () => response.destroy());
    response.writeHead(status, headers);
    await pipeline(() => chunksOf(handle, span, run), response);
  } catch (error) {
    // Browsers disconnect in the middle when they cancel a fetch.
    if (!response.destroyed || !isEarlyEnd(error)) log.warn('A seeded file could not be sent.', error);
    response.destroy();
  } finally {
    await handle.close();
  }
}

/** `null` if the file is gone or was changed since it was hashed: every piece of it could be wrong. */
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
  log.warn('A seeded file was changed since it was hashed. It is not served until a restart.');
  return null;
}

async function* chunksOf(handle: FileHandle, { first, last }: { first: number; last: number }, run: RunningAnswer): AsyncGenerator<Buffer> {
  for (let at = first; at <= last;) {
    const wanted = Math.min(chunkBytes, last + 1 - at);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, at);
    if (bytesRead === 0) throw new Error('a seeded file ends before its length');
    at += bytesRead;
    run.context.served(bytesRead);
    run.slot.progressAt = run.context.now();
    yield buffer.subarray(0, bytesRead);
  }
}

function isEarlyEnd(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}
