import type { LinkId, Milliseconds } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import type { Rate } from '../../lib/rate.ts';

/** A peer, as far as the order of turns goes. */
interface Served {
  readonly link: LinkId;
  readonly turnBeganAt: Milliseconds;
  readonly requests: {
    readonly waiting: number;
    readonly aheadBytes: number;
    readonly isIdle: boolean;
    readonly sendingSince: Milliseconds;
  };
}

interface Moment<S extends Served> {
  readonly now: Milliseconds;
  readonly peers: ReadonlyMap<LinkId, S>;
  readonly config: { readonly slotPolicy: 'tit-for-tat' | 'turns'; readonly crowdLinks: number };
}

/** Blocks that are with the host, of all peers together, before a younger turn waits: enough that the uplink never runs empty, … */
const queuedMs: Milliseconds = 50;
const leastQueuedBytes = 4 * blockBytes;

/** No turn waits for one whose blocks take so long each: its receiver is slow, or takes nothing. */
const stalledMs: Milliseconds = 1000;

/** Seconds of either way that are compared. */
const comparedSeconds = 4;

/** One after another goes on if it carries this share of the best second of all at once: the others' downlinks may be slower than our uplink. */
const leastShare = 0.85;

/** … and ends after two seconds already if it carries less than this. */
const clearShare = 0.6;

/** How long the better way is kept before the other one is tried: four times as long each time that turns one after another were
 * worse. They come first, for a shorter time, because a swarm that begins waits for its first pieces. */
const keepMs: Milliseconds = 60_000;
const firstKeepMs: Milliseconds = 10_000;
const longestKeepMs: Milliseconds = 16 * keepMs;

/**
 * Turns one after another instead of all at once: while requests of an older turn wait, a younger one gets only what keeps the uplink full. Each
 * piece is then whole after its own time, not after that of all, and can be passed on. Where those who are served take less than the uplink gives, it would lie
 * idle: so both ways are tried in turn, and measured.
 */
export class TurnOrder<S extends Served> {
  readonly #context: Moment<S>;
  /** Some of their requests wait, or are with the host. */
  readonly #served = new Set<S>();
  readonly #held = new Set<S>();
  /** Of all that left the host's queues. */
  readonly #rate: Rate;
  #isSerial = true;
  /** Bytes a second since the way changed, of the last seconds in which at least two peers had something to take. */
  #seconds: number[] = [];
  #countedBytes = 0;
  #countedAt: Milliseconds;
  #wasBusy = false;
  #bestOfAllAtOnce = 0;
  #changedAt: Milliseconds | null = null;
  /** How long all are served at once before turns follow each other again. */
  #pauseMs: Milliseconds = 0;

  constructor(context: Moment<S>, rate: Rate) {
    this.#context = context;
    this.#rate = rate;
    this.#countedAt = context.now;
  }

  get isSerial(): boolean {
    return this.#isSerial && this.#isCrowd;
  }

  /** Whether the peer's next request has to wait for older turns. Then the peer comes back from {@link drained} or {@link tick}. */
  holds(peer: S): boolean {
    if (!this.#isCrowd) return false;
    this.#served.add(peer);
    if (!this.#isSerial || !this.#isFull(peer)) return false;
    this.#held.add(peer);
    return true;
  }

  /** Blocks of this peer have left the host's queue: it and those that were held back are to be looked at, the oldest turn first. */
  drained(peer: S): readonly S[] {
    if (this.#held.size === 0) return [peer];
    this.#held.add(peer);
    return this.#takeHeld();
  }

  closed(link: LinkId): void {
    for (const peers of [this.#served, this.#held]) for (const peer of peers) if (peer.link === link) peers.delete(peer);
  }

  /** Once a second: those that were held back, the oldest turn first. */
  tick(): readonly S[] {
    let waiting = 0;
    for (const { requests } of this.#served) if (requests.waiting > 0) waiting++;
    this.#count(waiting >= 2);
    if (this.#isCrowd) this.#judge();
    return this.#takeHeld();
  }

  get #isCrowd(): boolean {
    const { peers, config } = this.#context;
    return peers.size >= config.crowdLinks && config.slotPolicy === 'turns';
  }

  #takeHeld(): readonly S[] {
    const held = [...this.#held].toSorted((a, b) => (isOlder(a, b) ? -1 : 1));
    this.#held.clear();
    return held;
  }

  #count(isBusy: boolean): void {
    const { now } = this.#context;
    const { total } = this.#rate;
    if (isBusy && this.#wasBusy) this.#seconds.push(((total - this.#countedBytes) * 1000) / Math.max(1, now - this.#countedAt));
    if (this.#seconds.length > comparedSeconds) this.#seconds.shift();
    this.#wasBusy = isBusy;
    this.#countedBytes = total;
    this.#countedAt = now;
  }

  #judge(): void {
    const { now } = this.#context;
    const sinceMs = now - (this.#changedAt ??= now);
    if (this.#isSerial) {
      if (this.#isWorse) this.#change(false, Math.min(Math.max(keepMs, 4 * this.#pauseMs), longestKeepMs));
      else if (sinceMs >= (this.#bestOfAllAtOnce === 0 ? firstKeepMs : keepMs)) this.#change(false, 0);
    } else if (this.#seconds.length === comparedSeconds && sinceMs >= this.#pauseMs) {
      this.#bestOfAllAtOnce = Math.max(...this.#seconds);
      this.#change(true, this.#pauseMs);
    }
  }

  get #isWorse(): boolean {
    const { length } = this.#seconds;
    const share = length < comparedSeconds ? clearShare : leastShare;
    return length >= 2 && mean(this.#seconds) < share * this.#bestOfAllAtOnce;
  }

  #change(isSerial: boolean, pauseMs: Milliseconds): void {
    this.#isSerial = isSerial;
    this.#pauseMs = pauseMs;
    this.#changedAt = this.#context.now;
    this.#seconds = [];
  }

  /** Requests of an older turn wait, and the host has enough to send. */
  #isFull(peer: S): boolean {
    const { now } = this.#context;
    let queuedBytes = 0;
    let isOlderWaiting = false;
    for (const other of this.#served) {
      const { isIdle, waiting, aheadBytes, sendingSince } = other.requests;
      if (isIdle) this.#served.delete(other);
      if (aheadBytes > 0 && now - sendingSince >= stalledMs) continue;
      queuedBytes += aheadBytes;
      if (waiting > 0 && isOlder(other, peer)) isOlderWaiting = true;
    }
    return isOlderWaiting && queuedBytes >= Math.max(leastQueuedBytes, (queuedMs * this.#rate.perSecond(now)) / 1000);
  }
}

function isOlder(a: Served, b: Served): boolean {
  return a.turnBeganAt < b.turnBeganAt || (a.turnBeganAt === b.turnBeganAt && a.link < b.link);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
