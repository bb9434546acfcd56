import type { LinkId } from '../../../ids.ts';
import type { SwarmConfig } from '../../config.ts';

interface Read {
  readonly record: number;
  readonly bytes: number;
}

/**
 * What the host holds in memory to read requested blocks. Storage reads whole records, so a request of one byte costs a record: reads are
 * bounded by record bytes, for each link and for all together, and blocks of one record share its read.
 */
export class ReadBudget {
  readonly #config: SwarmConfig;
  /** Reads of each open link, oldest first. */
  readonly #reads = new Map<LinkId, Read[]>();
  #bytes = 0;

  constructor(config: SwarmConfig) {
    this.#config = config;
  }

  /** No room for another read of any link. */
  get isFull(): boolean {
    return this.#bytes + this.#config.recordBytes > this.#config.readBytes;
  }

  /** Bytes that the read of this record adds, 0 where one is under way for the link; `null`: no room now. */
  reserve(link: LinkId, record: number): number | null {
    const { recordBytes, linkReadBytes, readBytes } = this.#config;
    const reads = this.#reads.get(link) ?? [];
    for (const read of reads) if (read.record === record) return 0;
    if ((reads.length + 1) * recordBytes > linkReadBytes || this.#bytes + recordBytes > readBytes) return null;
    if (reads.length === 0) this.#reads.set(link, reads);
    reads.push({ record, bytes: recordBytes });
    this.#bytes += recordBytes;
    return recordBytes;
  }

  /** The host holds so many bytes less. Reads of a link end in about the order in which they began. */
  done(link: LinkId, bytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - bytes);
    const reads = this.#reads.get(link) ?? [];
    for (let left = bytes; left > 0 && reads.length > 0;) left -= reads.shift()?.bytes ?? 0;
    if (reads.length === 0) this.#reads.delete(link);
  }

  /** What it reads is held until `done`, but nobody waits for it. */
  closed(link: LinkId): void {
    this.#reads.delete(link);
  }
}
