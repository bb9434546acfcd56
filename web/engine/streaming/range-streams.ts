import type { BlockRef, PieceIndex } from '../../../shared/ids.ts';
import type { FileSpan, Geometry } from '../../../shared/torrent/geometry.ts';

import type { BlockReader, TorrentDriver } from '../interfaces.ts';
import { TabswarmError } from '../../../shared/failure.ts';
import type { StreamRange, StreamTarget, TorrentFile } from '../../bridge/protocol.ts';
import { PulledPort } from '../save/pulled-port.ts';
import { writeStream } from '../save/write-stream.ts';
import { readRanges } from '../save/read-ranges.ts';
import type { PieceArrivals } from '../storage/piece-arrivals.ts';
import { deadlinesOf, type Playback } from './deadlines.ts';

/** A player has one or two at a time. Each may hold a megabyte, so that a page cannot open any number. */
const mostStreams = 8;

/** With so few others a download in order costs nobody anything; a crowd needs pieces that differ. */
const mostOthersInOrder = 2;

export interface StreamedContent {
  readonly geometry: Geometry;
  readonly pieces: BlockReader & { hasPiece(piece: PieceIndex): boolean; readonly arrivals: PieceArrivals };
  /** The files that people see, and their indices in the geometry. */
  readonly files: readonly TorrentFile[];
  readonly shown: readonly number[];
}

/** One range that is being read. */
interface RangeStream {
  readonly port: PulledPort;
  playback: Playback;
  /** It waits for a piece that is missing. */
  isStarved: boolean;
  /** We closed it before all of it was sent. */
  isCut: boolean;
}

/** Not played: it comes as fast as it can, and nothing waits for a certain piece. */
const isSaved = ({ playback }: RangeStream): boolean => playback.bytesPerSecond === 0;

/** The ranges of one torrent's files that are played or saved while it downloads. What players wait for gets deadlines. */
export class RangeStreams {
  readonly #driver: () => Pick<TorrentDriver, 'feed' | 'status'>;
  readonly #open = new Set<RangeStream>();
  #content: StreamedContent | null = null;
  #told = '';

  /** `driver`: the one that runs now. */
  constructor(driver: () => Pick<TorrentDriver, 'feed' | 'status'>) {
    this.#driver = driver;
  }

  /**
   * Sends the range, each piece as soon as it is here. Resolves when it has been sent, or its reader closed the port.
   * @throws TabswarmError `notComplete` where there is no such range (yet), or the torrent ends before it has been saved; `saveFailed`
   */
  async open(content: StreamedContent | null, range: StreamRange, target: StreamTarget): Promise<void> {
    const { file: shown, offset, length, bytesPerSecond } = range;
    const file = content?.shown[shown];
    if (content === null || file === undefined || offset < 0 || offset + length > (content.files[shown]?.length ?? 0)) {
      throw new TabswarmError('notComplete');
    }
    const playback = { span: { file, offset, length }, bytesPerSecond };
    if (target.kind === 'stream') return this.#run(content, playback, new PulledPort(target.port));
    const { port1, port2 } = new MessageChannel();
    await Promise.all([this.#run(content, playback, new PulledPort(port2)), writeStream(port1, length, target.handle)]);
  }

  async #run(content: StreamedContent, playback: Playback, port: PulledPort): Promise<void> {
    const stream: RangeStream = { port, playback, isStarved: false, isCut: false };
    this.#content = content;
    this.#open.add(stream);
    if (this.#open.size > mostStreams) this.#cutOldest();
    try {
      await this.#send(content, stream);
    } finally {
      this.#close(stream);
    }
    // A player asks again for what it needs. Who saves would wait for ever for the rest.
    if (stream.isCut && isSaved(stream)) throw new TabswarmError('notComplete');
  }

  closeAll(): void {
    for (const stream of this.#open) this.#cut(stream);
  }

  /** Those that are played first: a player asks again. */
  #cutOldest(): void {
    const all = [...this.#open];
    const oldest = all.find((stream) => !isSaved(stream)) ?? all[0];
    if (oldest !== undefined) this.#cut(oldest);
  }

  #cut(stream: RangeStream): void {
    stream.isCut = true;
    this.#close(stream);
  }

  async #send(content: StreamedContent, stream: RangeStream): Promise<void> {
    const { port, playback } = stream;
    this.#tell();
    let { offset, length } = playback.span;
    for (const { piece, begin, length: bytes } of readRanges(content.geometry, playback.span)) {
      if (!(await port.pulled())) return;
      // What is in memory is sent from where it is: reading it would leave a copy to the garbage collector.
      const sent = content.pieces.inMemory(piece, begin, bytes) ?? (await this.#next(content, stream, { piece, begin, length: bytes }));
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
    const mayOrder = this.#driver().status().peers.length <= mostOthersInOrder;
    const newestFirst = [...this.#open].filter((stream) => !isSaved(stream) || mayOrder).toReversed();
    const inOrder = [...newestFirst.filter(({ isStarved }) => isStarved), ...newestFirst.filter(({ isStarved }) => !isStarved)];
    const urgent = deadlinesOf(
      geometry,
      (piece) => pieces.hasPiece(piece),
      inOrder.map(({ playback }) => playback),
    );
    const told = urgent.join();
    if (told === this.#told) return;
    this.#told = told;
    this.#driver().feed({ kind: 'deadlines', pieces: urgent });
  }
}
