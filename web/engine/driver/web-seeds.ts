import { itemAt } from '../../../shared/assert.ts';
import type { Bytes } from '../../../shared/bytes.ts';
import { TabswarmError } from '../../../shared/failure.ts';
import type { InfoHash, PieceIndex } from '../../../shared/ids.ts';
import type { SourceIndex } from '../../../shared/swarm/events.ts';
import { readTorrent } from '../../../shared/torrent/metainfo.ts';
import { webSeedTorrent } from '../../../shared/torrent/magnet/web-seeds.ts';
import type { OpenTorrent } from '../interfaces.ts';
import { BadAnswer, type Bounds, type UnfinishedPiece } from './web-seed-answer.ts';

/** The fetch failed. `retryAfterMs` is set where the server said when to try again. */
interface FetchFailure {
  readonly retryAfterMs: number | null;
}

/** The bytes, the failure, or `stopped` where the fetch was cancelled. */
export type Fetched = Bytes | FetchFailure | 'stopped';

/** A fetch goes on while it makes progress in each such time: a piece of 64 MiB may take long, and a server that stalls holds no fetch for ever. */
const progressMs = 30_000;

/** Half-received pieces that are kept for the next try, of the two fetches that run at once. */
const maxUnfinished = 2;

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
    return this.#attempt(async (bounds) => {
      const { getPiece } = await import('./web-seed-request.ts');
      const unfinished = this.#takeUnfinished(key, torrent.geometry.pieceBytes(piece));
      try {
        await getPiece(itemAt(this.#urls, source), torrent, piece, unfinished, bounds);
        return unfinished.bytes;
      } catch (error) {
        if (!bounds.stopped.aborted) this.#keepUnfinished(key, unfinished);
        throw error;
      }
    });
  }

  /** The info dictionary, from the .torrent beside the web seed's folder, where its URL names such a place. */
  metadata(source: SourceIndex): Promise<Fetched> {
    return this.#attempt(async (bounds) => {
      const url = webSeedTorrent(itemAt(this.#urls, source), this.#infoHash);
      if (url === null) throw new BadAnswer('no place for a .torrent is known');
      const { getTorrentFile } = await import('./web-seed-request.ts');
      return readTorrent(await getTorrentFile(url, bounds)).infoBytes.slice();
    });
  }

  async #attempt(work: (bounds: Bounds) => Promise<Bytes>): Promise<Fetched> {
    const { signal } = this.#running;
    try {
      const bytes = await work({ stopped: signal, progressMs: this.#progressMs });
      return signal.aborted ? 'stopped' : bytes;
    } catch (error) {
      if (signal.aborted) return 'stopped';
      if (error instanceof BadAnswer) return { retryAfterMs: error.retryAfterMs };
      // No network (also for the part of the app that asks), no permission, a redirect, no progress, no valid .torrent: it is asked again later.
      if (error instanceof TypeError || error instanceof DOMException || error instanceof TabswarmError) return { retryAfterMs: null };
      throw error;
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
