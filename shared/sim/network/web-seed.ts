import type { Milliseconds, PieceIndex } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import type { Agenda } from '../core/event-queue.ts';
import type { Content } from '../core/content.ts';

/** To the server and back. */
const roundTripMs = 60;

/** A server with everything: one uplink for all who fetch, answers one after the other. */
export class WebSeed {
  servedBytes = 0;
  readonly #agenda: Agenda;
  readonly #geometry: Geometry;
  readonly #content: Content;
  readonly #bytesPerSecond: number;
  #freeAt: Milliseconds = 0;

  constructor(agenda: Agenda, geometry: Geometry, content: Content, bytesPerSecond: number) {
    this.#agenda = agenda;
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
    this.#freeAt = Math.max(this.#agenda.now, this.#freeAt) + (1000 * bytes.length) / this.#bytesPerSecond;
    this.#agenda.add(this.#freeAt + roundTripMs, { run: () => arrived(bytes) });
  }
}
