import type { LinkId } from '../../ids.ts';
import { Fifo } from '../core/fifo.ts';

/** What the reads of queued blocks hold in memory: per link, in the order of its blocks. */
export class HeldReads {
  readonly #links = new Map<LinkId, Fifo<number>>();

  push(link: LinkId, bytes: number): void {
    let held = this.#links.get(link);
    if (held === undefined) this.#links.set(link, (held = new Fifo()));
    held.push(bytes);
  }

  /** The link's first queued block has left: returns the bytes that its read held. */
  shift(link: LinkId): number {
    return this.#links.get(link)?.shift() ?? 0;
  }

  /** The link is closed: returns the bytes that its reads held. */
  release(link: LinkId): number {
    let bytes = 0;
    for (let left = this.#links.get(link)?.length ?? 0; left > 0; left--) bytes += this.shift(link);
    this.#links.delete(link);
    return bytes;
  }
}
