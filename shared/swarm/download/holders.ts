import type { LinkId, Milliseconds } from '../../ids.ts';
import { sourceBehind } from '../lib/source-link.ts';
import type { Context } from '../peer/peer.ts';
import { type BlockKey, keyPiece } from './block-key.ts';
import type { PartialPieces } from './partial-pieces.ts';
import type { Others } from './pick/chooser.ts';

/** Whom a block is asked of now: links whose pipelines hold it, and a web seed that its piece is kept for. */
export class Holders implements Others {
  readonly #context: Context;
  readonly #partialPieces: PartialPieces;

  constructor(context: Context, partialPieces: PartialPieces) {
    this.#context = context;
    this.#partialPieces = partialPieces;
  }

  everyHolder(key: BlockKey, test: (link: LinkId) => boolean): boolean {
    const kept = this.#partialPieces.get(keyPiece(key))?.exclusiveTo ?? null;
    if (kept !== null && sourceBehind(kept) !== null && !test(kept)) return false;
    for (const peer of this.#context.peers.values()) if (peer.pipeline.has(key) && !test(peer.link)) return false;
    return true;
  }

  /** A fetch from a web seed ends by itself in bounded time: no peer is asked for the same meanwhile. */
  drainMs(link: LinkId): Milliseconds {
    if (sourceBehind(link) !== null) return 0;
    return this.#context.peers.get(link)?.pipeline.drainMs(this.#context.now) ?? Number.POSITIVE_INFINITY;
  }
}
