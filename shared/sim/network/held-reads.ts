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

  /** The link's first queued blocks have left: returns the bytes that their reads held. */
  shift(link: LinkId, blocks: number): number {
    const held = this.#links.get(link);
    let bytes = 0;
    for (let left = blocks; left > 0; left--) bytes += held?.shift() ?? 0;
    return bytes;
  }

  /** The link is closed: returns the bytes that its reads held. */
  release(link: LinkId): number {
    const bytes = this.shift(link, this.#links.get(link)?.length ?? 0);
    this.#links.delete(link);
    return bytes;
  }
}
