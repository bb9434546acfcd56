import type { Milliseconds } from '../../ids.ts';

/**
 * How soon a peer answered what was no request for a block: a check of ICE, our handshake, INTERESTED, a request for metadata. Nothing queues
 * before these.
 */
export class AnswerTimes {
  /** 0 before the first answer. */
  shortestMs: Milliseconds = 0;
  count = 0;

  heard(tookMs: Milliseconds): void {
    const ms = Math.max(1, tookMs);
    this.shortestMs = this.count === 0 ? ms : Math.min(this.shortestMs, ms);
    this.count++;
  }
}
