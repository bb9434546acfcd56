import { itemAt } from '../../../shared/assert.ts';
import { concatBytes, type Bytes } from '../../../shared/bytes.ts';
import { TabswarmError } from '../../../shared/failure.ts';
import type { InfoHash, PieceIndex } from '../../../shared/ids.ts';
import { maxMetadataBytes } from '../../../shared/limits.ts';
import type { SourceIndex } from '../../../shared/swarm/events.ts';
import { readTorrent } from '../../../shared/torrent/metainfo.ts';
import { webSeedFile, webSeedTorrent } from '../../../shared/torrent/magnet/web-seeds.ts';
import type { OpenTorrent } from '../interfaces.ts';

/** The fetch failed. `retryAfterMs` is set where the server said when to try again. */
interface FetchFailure {
  readonly retryAfterMs: number | null;
}

/** The bytes, the failure, or `stopped` where the fetch was cancelled. */
export type Fetched = Bytes | FetchFailure | 'stopped';

/**
 * A fetch goes on while it makes progress: at least so much in each such time (5 KiB/s), so that a piece of 64 MiB may take its time and a
 * server that stalls does not hold a fetch for ever.
 */
const progressMs = 30_000;
const progressBytes = 160 * 1024;

/** Half-received pieces that are kept for the next try, of the two fetches that run at once. */
const maxUnfinished = 2;

/** A piece as far as a server has sent it: bytes from several servers are never mixed, or nobody could be blamed for a wrong hash. */
interface UnfinishedPiece {
  readonly bytes: Bytes;
  /** From the beginning of the piece. */
  receivedBytes: number;
}

/** The server answered with something else than what was asked for. */
class BadAnswer extends Error {
  readonly retryAfterMs: number | null;

  constructor(what: string, retryAfterMs: number | null = null) {
    super(what);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Gets pieces from the web seeds of one torrent (BEP 19): one GET with a range for each file of the piece. Nothing is verified here. */
export class WebSeedFetcher {
  readonly #infoHash: InfoHash;
  readonly #urls: string[];
  readonly #progressMs: number;
  /** By source and piece, the oldest first. */
  readonly #unfinished = new Map<string, UnfinishedPiece>();
  #running = new AbortController();

  /** `urls`: web seeds that may be asked. A source is named by its index in this list. */
  constructor(infoHash: InfoHash, urls: readonly string[], stalledAfterMs = progressMs) {
    this.#infoHash = infoHash;
    this.#progressMs = stalledAfterMs;
    this.#urls = [...urls];
  }

  get count(): number {
    return this.#urls.length;
  }

  add(urls: readonly string[]): void {
    this.#urls.push(...urls.filter((url) => !this.#urls.includes(url)));
  }

  /** Cancels every fetch. */
  stop(): void {
    this.#running.abort();
    this.#running = new AbortController();
    this.#unfinished.clear();
  }

  /** Never rejects because of the server or the network. */
  piece(source: SourceIndex, torrent: OpenTorrent, piece: PieceIndex): Promise<Fetched> {
    const key = `${source}:${piece}`;
    return this.#attempt(async (progress) => {
      const unfinished = this.#takeUnfinished(key, torrent.geometry.pieceBytes(piece));
      try {
        await getPiece(itemAt(this.#urls, source), torrent, piece, unfinished, progress);
        return unfinished.bytes;
      } catch (error) {
        if (!progress.isStopped) this.#keepUnfinished(key, unfinished);
        throw error;
      }
    });
  }

  /** The info dictionary, from the .torrent beside the web seed's folder, where its URL names such a place. */
  metadata(source: SourceIndex): Promise<Fetched> {
    return this.#attempt(async (progress) => {
      const url = webSeedTorrent(itemAt(this.#urls, source), this.#infoHash);
      if (url === null) throw new BadAnswer('no place for a .torrent is known');
      const response = await get(url, {}, progress.signal);
      if (response.status !== 200) throw await refusal(response);
      const parts: Bytes[] = [];
      await receive(response, { mostBytes: maxMetadataBytes, progress, take: (part) => void parts.push(part) });
      return readTorrent(concatBytes(parts)).infoBytes.slice();
    });
  }

  async #attempt(work: (progress: Progress) => Promise<Bytes>): Promise<Fetched> {
    const { signal } = this.#running;
    const progress = new Progress(signal, this.#progressMs);
    try {
      const bytes = await work(progress);
      return signal.aborted ? 'stopped' : bytes;
    } catch (error) {
      if (signal.aborted) return 'stopped';
      if (error instanceof BadAnswer) return { retryAfterMs: error.retryAfterMs };
      // No network, no permission, a redirect, no progress, or no valid .torrent: the source is asked again later.
      if (error instanceof TypeError || error instanceof DOMException || error instanceof TabswarmError) return { retryAfterMs: null };
      throw error;
    } finally {
      progress.end();
    }
  }

  #takeUnfinished(key: string, pieceBytes: number): UnfinishedPiece {
    const known = this.#unfinished.get(key);
    this.#unfinished.delete(key);
    return known ?? { bytes: new Uint8Array(pieceBytes), receivedBytes: 0 };
  }

  #keepUnfinished(key: string, unfinished: UnfinishedPiece): void {
    if (unfinished.receivedBytes === 0) return;
    this.#unfinished.set(key, unfinished);
    for (const oldest of this.#unfinished.keys()) {
      if (this.#unfinished.size <= maxUnfinished) return;
      this.#unfinished.delete(oldest);
    }
  }
}

/** Ends a fetch that receives too little. */
class Progress {
  readonly signal: AbortSignal;
  readonly #stopped: AbortSignal;
  readonly #stalled = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #bytes = 0;

  constructor(stopped: AbortSignal, everyMs: number) {
    this.#stopped = stopped;
    this.signal = AbortSignal.any([stopped, this.#stalled.signal]);
    this.#timer = setInterval(() => this.#check(), everyMs);
  }

  /** By the torrent, and not for want of progress. */
  get isStopped(): boolean {
    return this.#stopped.aborted;
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

/** What is still missing of a piece, file by file. */
async function getPiece(
  seed: string,
  { geometry, webSeedPaths }: OpenTorrent,
  piece: PieceIndex,
  unfinished: UnfinishedPiece,
  progress: Progress,
): Promise<void> {
  const begin = unfinished.receivedBytes;
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
  if (response.status !== 206 && !isWhole) throw await refusal(response);
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
