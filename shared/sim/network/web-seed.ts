import type { Milliseconds, PieceIndex } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import type { EventQueue } from '../core/event-queue.ts';
import type { Content } from '../core/content.ts';

const roundTripMs = 60;

/** A server with every piece and one uplink for all clients. It answers one request after the other. */
export class WebSeed {
  servedBytes = 0;
  readonly #queue: EventQueue;
  readonly #geometry: Geometry;
  readonly #content: Content;
  readonly #bytesPerSecond: number;
  #freeAt: Milliseconds = 0;

  constructor(queue: EventQueue, geometry: Geometry, content: Content, bytesPerSecond: number) {
    this.#queue = queue;
    this.#geometry = geometry;
    this.#content = content;
    this.#bytesPerSecond = bytesPerSecond;
  }

  fetch(piece: PieceIndex, arrived: (bytes: Uint8Array) => void): void {
    const bytes = new Uint8Array(this.#geometry.pieceBytes(piece));
    for (let begin = 0; begin < bytes.length; begin += blockBytes) {
      bytes.set(this.#content.honest(piece, begin, Math.min(blockBytes, bytes.length - begin)), begin);
    }
    this.servedBytes += bytes.length;
    this.#freeAt = Math.max(this.#queue.now, this.#freeAt) + (1000 * bytes.length) / this.#bytesPerSecond;
    this.#queue.add(this.#freeAt + roundTripMs, { run: () => arrived(bytes) });
  }
}
