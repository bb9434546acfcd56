import type { LinkId } from '../../ids.ts';
import { metadataPieceCount, writeMetadataData } from '../../wire/extensions/metadata.ts';
import type { Context, Peer } from '../peer/peer.ts';

/** Handed to the host for one link, and for all: WebTorrent asks for all pieces of up to 10 MB at once. */
const linkAheadBytes = 256 * 1024;
const mostAheadBytes = 8 * 1024 * 1024;

interface Queue {
  /** Pieces that wait, first asked first. Each is there once, so a queue is no longer than the metadata. */
  readonly waiting: Set<number>;
  aheadBytes: number;
}

/** Answers to metadata requests (BEP 9), sent no faster than the network takes them: a request of 30 bytes makes an answer of 16 KiB. */
export class MetadataAnswers {
  readonly #context: Context;
  readonly #queues = new Map<LinkId, Queue>();
  #aheadBytes = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** False where there is no such piece. */
  request(peer: Peer, piece: number): boolean {
    const { metadata } = this.#context;
    if (metadata === null || piece >= metadataPieceCount(metadata.infoBytes.length)) return false;
    const queue = this.#queues.get(peer.link) ?? { waiting: new Set(), aheadBytes: 0 };
    this.#queues.set(peer.link, queue);
    queue.waiting.add(piece);
    this.#pump(peer.link, queue);
    return true;
  }

  /** The part of the drained bytes that was metadata: it is counted before blocks. */
  drained(link: LinkId, bytes: number): number {
    const queue = this.#queues.get(link);
    if (queue === undefined) return 0;
    const drained = Math.min(bytes, queue.aheadBytes);
    queue.aheadBytes -= drained;
    this.#aheadBytes -= drained;
    this.#pump(link, queue);
    return drained;
  }

  closed(link: LinkId): void {
    const queue = this.#queues.get(link);
    if (queue === undefined) return;
    this.#aheadBytes -= queue.aheadBytes;
    this.#queues.delete(link);
  }

  /** Links that had to wait for others. */
  tick(): void {
    for (const [link, queue] of this.#queues) this.#pump(link, queue);
  }

  #pump(link: LinkId, queue: Queue): void {
    const { metadata, peers, out } = this.#context;
    const peer = peers.get(link);
    if (metadata === null || peer === undefined || peer.extensions.utMetadata === 0) return;
    for (const piece of queue.waiting) {
      if (queue.aheadBytes >= linkAheadBytes || this.#aheadBytes >= mostAheadBytes) return;
      queue.waiting.delete(piece);
      const payload = writeMetadataData(piece, metadata.infoBytes);
      queue.aheadBytes += payload.length;
      this.#aheadBytes += payload.length;
      peer.lastSentAt = this.#context.now;
      out.push({
        kind: 'sendMetadata',
        link,
        message: { type: 'extended', id: peer.extensions.utMetadata, payload },
        bytes: payload.length,
      });
    }
  }
}
