import type { Duplex } from 'node:stream';

/**
 * Holds the writes of one turn of the event loop back and sends them together: an announce answered with a reply and five offers to one socket
 * is one system call, not six.
 */
export class Outbox {
  #corked: Set<Duplex> = new Set();

  /** Until the end of this turn, writes to the stream wait. */
  cork(stream: Duplex): void {
    if (this.#corked.has(stream)) return;
    if (this.#corked.size === 0) setImmediate(() => this.#flush());
    this.#corked.add(stream);
    stream.cork();
  }

  #flush(): void {
    const streams = this.#corked;
    this.#corked = new Set();
    for (const stream of streams) stream.uncork();
  }
}
