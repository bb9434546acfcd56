/** One request to a web seed (BEP 19). A part of its own: few torrents have web seeds, and a first visit does not load it. */
import { itemAt } from '../../../shared/assert.ts';
import { concatBytes, type Bytes } from '../../../shared/bytes.ts';
import type { PieceIndex } from '../../../shared/ids.ts';
import { maxMetadataBytes } from '../../../shared/limits.ts';
import { webSeedFile } from '../../../shared/torrent/magnet/web-seeds.ts';
import type { OpenTorrent } from '../interfaces.ts';
import { BadAnswer, type Bounds, type UnfinishedPiece } from './web-seed-answer.ts';

/** A fetch that receives less than this in each `progressMs` is ended: 5 KiB/s. */
const progressBytes = 160 * 1024;

/** Ends a fetch that receives too little. */
class Progress {
  readonly signal: AbortSignal;
  readonly #stalled = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #bytes = 0;

  constructor({ stopped, progressMs }: Bounds) {
    this.signal = AbortSignal.any([stopped, this.#stalled.signal]);
    this.#timer = setInterval(() => this.#check(), progressMs);
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    if (this.#bytes < progressBytes) this.#stalled.abort(new DOMException('The web seed sends too little', 'TimeoutError'));
    this.#bytes = 0;
  }
}

/** Appends what is still missing of a piece, file by file. @throws BadAnswer, TypeError, DOMException */
export async function getPiece(
  seed: string,
  { geometry, webSeedPaths }: OpenTorrent,
  piece: PieceIndex,
  unfinished: UnfinishedPiece,
  bounds: Bounds,
): Promise<void> {
  const begin = unfinished.receivedBytes;
  const progress = new Progress(bounds);
  try {
    for (const { file, offset, length } of geometry.spans(piece, begin, unfinished.bytes.length - begin)) {
      const { padding, length: fileBytes } = geometry.file(file);
      // Padding files are zeros and no server has them (BEP 47).
      if (padding) {
        unfinished.receivedBytes += length;
        continue;
      }
      const url = webSeedFile(seed, itemAt(webSeedPaths, file));
      if (url === null) throw new BadAnswer('the path would lead elsewhere');
      await getRange(url, { offset, length, fileBytes }, unfinished, progress);
    }
  } finally {
    progress.end();
  }
}

/** The bytes of a .torrent file. @throws BadAnswer, TypeError, DOMException */
export async function getTorrentFile(url: string, bounds: Bounds): Promise<Bytes> {
  const progress = new Progress(bounds);
  try {
    const response = await get(url, {}, progress.signal);
    if (response.status !== 200) throw await refusal(response);
    const parts: Bytes[] = [];
    await receive(response, { mostBytes: maxMetadataBytes, progress, take: (part) => void parts.push(part) });
    return concatBytes(parts);
  } finally {
    progress.end();
  }
}

/** Sends no cookies and no referrer, and follows no redirect, which could point the request at another host. */
function get(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  // No HTTP cache: it lets one request at a time write to a URL, and we store pieces ourselves.
  return fetch(url, { headers, signal, credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer', cache: 'no-store' });
}

/** Appends a range of a file to the piece. */
async function getRange(
  url: string,
  { offset, length, fileBytes }: { readonly offset: number; readonly length: number; readonly fileBytes: number },
  unfinished: UnfinishedPiece,
  progress: Progress,
): Promise<void> {
  const response = await get(url, { Range: `bytes=${offset}-${offset + length - 1}` }, progress.signal);
  const isWhole = response.status === 200 && length === fileBytes;
  // A server without range support sends the whole file, which is more than we asked for.
  if (response.status !== 206 && !isWhole) {
    // It knows no ranges, so what broke off cannot be continued: the next try begins anew.
    if (response.status === 200) unfinished.receivedBytes = 0;
    throw await refusal(response);
  }
  const before = unfinished.receivedBytes;
  const take = (part: Bytes): void => {
    unfinished.bytes.set(part, unfinished.receivedBytes);
    unfinished.receivedBytes += part.length;
  };
  await receive(response, { mostBytes: length, progress, take });
  const receivedBytes = unfinished.receivedBytes - before;
  if (receivedBytes !== length) throw new BadAnswer(`${receivedBytes} bytes for ${length}`);
}

interface Receiving {
  readonly mostBytes: number;
  readonly progress: Progress;
  readonly take: (part: Bytes) => void;
}

/** Reads a body to its end. @throws BadAnswer where it is longer than `mostBytes` */
async function receive(response: Response, { mostBytes, progress, take }: Receiving): Promise<void> {
  let bytes = 0;
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    bytes += read.value.length;
    progress.received(read.value.length);
    if (bytes > mostBytes) {
      await reader?.cancel();
      throw new BadAnswer('more than was asked for');
    }
    take(read.value);
  }
}

async function refusal(response: Response): Promise<BadAnswer> {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  await response.body?.cancel();
  return new BadAnswer(`status ${response.status}`, Number.isFinite(seconds) && seconds >= 0 ? 1000 * seconds : null);
}
