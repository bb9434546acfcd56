import type { Bytes } from '../../../shared/bytes.ts';
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

/** A piece is a few MiB; a slower server does not help. */
const withinMs = 60_000;

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
  #running = new AbortController();

  /** `urls`: web seeds that may be asked. A source is named by its index in this list. */
  constructor(infoHash: InfoHash, urls: readonly string[]) {
    this.#infoHash = infoHash;
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
  }

  /** Never rejects because of the server or the network. */
  piece(source: SourceIndex, torrent: OpenTorrent, piece: PieceIndex): Promise<Fetched> {
    return this.#attempt((signal) => this.#getPiece(this.#urls[source]!, torrent, piece, signal));
  }

  /** The info dictionary, from the .torrent beside the web seed's folder, where its URL names such a place. */
  metadata(source: SourceIndex): Promise<Fetched> {
    return this.#attempt(async (signal) => {
      const url = webSeedTorrent(this.#urls[source]!, this.#infoHash);
      if (url === null) throw new BadAnswer('no place for a .torrent is known');
      const response = await get(url, {}, signal);
      if (response.status !== 200) throw await refusal(response);
      return readTorrent(await upTo(response, maxMetadataBytes)).infoBytes.slice();
    });
  }

  async #attempt(work: (signal: AbortSignal) => Promise<Bytes>): Promise<Fetched> {
    const { signal } = this.#running;
    try {
      const bytes = await work(AbortSignal.any([signal, AbortSignal.timeout(withinMs)]));
      return signal.aborted ? 'stopped' : bytes;
    } catch (error) {
      if (signal.aborted) return 'stopped';
      if (error instanceof BadAnswer) return { retryAfterMs: error.retryAfterMs };
      // No network, no permission, a redirect, a time-out, or no valid .torrent: the source is asked again later.
      if (error instanceof TypeError || error instanceof DOMException || error instanceof TabswarmError) return { retryAfterMs: null };
      throw error;
    }
  }

  async #getPiece(seed: string, torrent: OpenTorrent, piece: PieceIndex, signal: AbortSignal): Promise<Bytes> {
    const { geometry, webSeedPaths } = torrent;
    const bytes = new Uint8Array(geometry.pieceBytes(piece));
    let at = 0;
    for (const { file, offset, length } of geometry.spans(piece, 0, bytes.length)) {
      const { padding, length: fileBytes } = geometry.files[file]!;
      // Padding files are zeros and no server has them (BEP 47).
      if (!padding) {
        const url = webSeedFile(seed, webSeedPaths[file]!);
        if (url === null) throw new BadAnswer('the path would lead elsewhere');
        await getRange(url, { offset, fileBytes }, bytes.subarray(at, at + length), signal);
      }
      at += length;
    }
    return bytes;
  }
}

/** Sends no cookies and no referrer, and follows no redirect, which could point the request at another host. */
function get(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  // No HTTP cache: it lets one request at a time write to a URL, and we store pieces ourselves.
  return fetch(url, { headers, signal, credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer', cache: 'no-store' });
}

async function getRange(
  url: string,
  { offset, fileBytes }: { readonly offset: number; readonly fileBytes: number },
  target: Bytes,
  signal: AbortSignal,
): Promise<void> {
  const response = await get(url, { Range: `bytes=${offset}-${offset + target.length - 1}` }, signal);
  const isWhole = response.status === 200 && target.length === fileBytes;
  // A server without range support sends the whole file, which is more than we asked for.
  if (response.status !== 206 && !isWhole) throw await refusal(response);
  const content = await upTo(response, target.length);
  if (content.length !== target.length) throw new BadAnswer(`${content.length} bytes for ${target.length}`);
  target.set(content);
}

/** Reads a body to its end. @throws BadAnswer where it is longer than `mostBytes` */
async function upTo(response: Response, mostBytes: number): Promise<Bytes> {
  const parts: Bytes[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    bytes += read.value.length;
    if (bytes > mostBytes) {
      await reader?.cancel();
      throw new BadAnswer('more than was asked for');
    }
    parts.push(read.value);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function refusal(response: Response): Promise<BadAnswer> {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  await response.body?.cancel();
  return new BadAnswer(`status ${response.status}`, Number.isFinite(seconds) && seconds >= 0 ? 1000 * seconds : null);
}
