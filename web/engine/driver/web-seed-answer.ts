import type { Bytes } from '../../../shared/bytes.ts';

/** When a fetch ends before it is done: when the torrent stops, and for want of progress. */
export interface Bounds {
  readonly stopped: AbortSignal;
  readonly progressMs: number;
}

/** A piece as far as a server has sent it: bytes from several servers are never mixed, or nobody could be blamed for a wrong hash. */
export interface UnfinishedPiece {
  readonly bytes: Bytes;
  /** From the beginning of the piece. */
  receivedBytes: number;
}

/** The server answered with something else than what was asked for. */
export class BadAnswer extends Error {
  readonly retryAfterMs: number | null;

  constructor(what: string, retryAfterMs: number | null = null) {
    super(what);
    this.retryAfterMs = retryAfterMs;
  }
}
