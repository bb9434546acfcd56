import type { BlockRef, PieceIndex } from '../../../shared/ids.ts';
import type { FileSpan, Geometry } from '../../../shared/torrent/geometry.ts';

import type { BlockReader } from '../interfaces.ts';
import type { PulledPort } from '../save/pulled-port.ts';
import { readRanges } from '../save/read-ranges.ts';
import type { PieceArrivals } from '../storage/piece-arrivals.ts';
import { deadlinesOf, type Playback } from './deadlines.ts';

/** A player has one or two at a time. Each may hold a megabyte, so that a page cannot open any number. */
const mostStreams = 8;

export interface StreamedContent {
  readonly geometry: Geometry;
  readonly pieces: BlockReader & { hasPiece(piece: PieceIndex): boolean; readonly arrivals: PieceArrivals };
}

/** One range that is being read. */
interface RangeStream {
  readonly port: PulledPort;
  playback: Playback;
  /** It waits for a piece that is missing. */
  isStarved: boolean;
}

/** The ranges of one torrent's files that players read while it downloads. What they wait for gets deadlines. */
export class RangeStreams {
  readonly #prioritize: (pieces: readonly PieceIndex[]) => void;
  readonly #open = new Set<RangeStream>();
  #content: StreamedContent | null = null;
  #told = '';

  /** `prioritize` is called whenever the list has changed. */
  constructor(prioritize: (pieces: readonly PieceIndex[]) => void) {
    this.#prioritize = prioritize;
  }

  /** Sends the range to the port, each piece as soon as it is here. Resolves when it has been sent, or the port was closed. */
  async run(content: StreamedContent, playback: Playback, port: PulledPort): Promise<void> {
    const stream: RangeStream = { port, playback, isStarved: false };
    this.#content = content;
    this.#open.add(stream);
    for (const oldest of this.#open) if (this.#open.size > mostStreams) this.#close(oldest);
    try {
      await this.#send(content, stream);
    } finally {
      this.#close(stream);
    }
  }

  closeAll(): void {
    for (const stream of this.#open) this.#close(stream);
  }

  async #send(content: StreamedContent, stream: RangeStream): Promise<void> {
    const { port, playback } = stream;
    this.#tell();
    let { offset, length } = playback.span;
    for (const { piece, begin, length: bytes } of readRanges(content.geometry, playback.span)) {
      if (!(await port.pulled())) return;
      const sent = await this.#next(content, stream, { piece, begin, length: bytes });
      if (sent === null) return;
      port.send(sent);
      offset += bytes;
      length -= bytes;
      this.#moved(stream, { ...playback.span, offset, length });
    }
    if (await port.pulled()) port.end();
  }

  /** `null` where the port was closed meanwhile. A piece that is lost when it is read is waited for once more. */
  async #next({ pieces }: StreamedContent, stream: RangeStream, range: BlockRef): Promise<Uint8Array<ArrayBuffer> | null> {
    const { closed } = stream.port;
    while (!closed.aborted) {
      const bytes = pieces.hasPiece(range.piece) ? await pieces.read(range.piece, range.begin, range.length) : null;
      if (bytes !== null) return closed.aborted ? null : bytes;
      this.#starve(stream, true);
      if (!pieces.hasPiece(range.piece)) await pieces.arrivals.wait(range.piece, closed);
      this.#starve(stream, false);
    }
    return null;
  }

  #starve(stream: RangeStream, isStarved: boolean): void {
    stream.isStarved = isStarved;
    if (isStarved) this.#tell();
  }

  #moved(stream: RangeStream, span: FileSpan): void {
    stream.playback = { ...stream.playback, span };
    this.#tell();
  }

  #close(stream: RangeStream): void {
    if (!this.#open.delete(stream)) return;
    stream.port.close();
    this.#tell();
  }

  /** Who waits comes before who reads ahead, and a newer range before an older one: the person is there. */
  #tell(): void {
    if (this.#content === null) return;
    const { geometry, pieces } = this.#content;
    const newestFirst = [...this.#open].toReversed();
    const inOrder = [...newestFirst.filter(({ isStarved }) => isStarved), ...newestFirst.filter(({ isStarved }) => !isStarved)];
    const urgent = deadlinesOf(
      geometry,
      (piece) => pieces.hasPiece(piece),
      inOrder.map(({ playback }) => playback),
    );
    const told = urgent.join();
    if (told === this.#told) return;
    this.#told = told;
    this.#prioritize(urgent);
  }
}
