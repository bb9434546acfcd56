import type { Milliseconds } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import type { SwarmConfig } from '../config.ts';
import { Rate } from '../lib/rate.ts';
import { AnswerTimes } from './answer-times.ts';
import type { BlockKey } from './block-key.ts';
import { PeerTurn } from './peer-turn.ts';

/** Answers to requests that we gave up, by peer: four times the largest window. */
const mostGivenUp = 2048;

const longestPatienceMs: Milliseconds = 600_000;
/** A peer may be silent for so many times its mean gap between two blocks. */
const patienceGaps = 4;
/** The share of the newest gap in the mean. */
const gapShare = 0.25;

/** What we gave up of one block: how many answers may still come, until when we expect one, and whether that time is not over. */
interface GivenUp {
  count: number;
  readonly owedUntil: Milliseconds;
  isOwed: boolean;
}

const shortestRestMs: Milliseconds = 1000;
const longestRestMs: Milliseconds = 10_000;

/**
 * Our requests to one peer. A block is in exactly one state: in flight, given up (requested, no longer awaited, but its arrival is no fault),
 * or neither. A block may be given up several times and in flight again: every request may still be answered, and is remembered until it is. The window depends on the rate of the last seconds, the round trip, the peer's `reqq`, and whether it is snubbed.
 */
export class Pipeline {
  readonly #config: SwarmConfig;
  readonly #inFlight = new Map<BlockKey, Milliseconds>();
  readonly #givenUp = new Map<BlockKey, GivenUp>();
  #owedBlocks = 0;
  /** The peer owed more than we remember: what it sends unasked may be an answer. */
  #hasForgotten = false;
  /** Requests given up because their blocks were late. */
  lateBlocks = 0;
  readonly #rate = new Rate(3);
  #windowBlocks: number;
  #peerLimitBlocks: number;
  #roundTripMs: Milliseconds = 0;
  readonly answers = new AnswerTimes();
  #firstBlockAt: Milliseconds | null = null;
  #lastBlockAt: Milliseconds = 0;
  #snubbed = false;
  /** How long it may owe blocks without sending any. */
  #patienceMs: Milliseconds;
  /** Mean time between two blocks, and when it sent the last one or was first asked for one. */
  #gapMs: Milliseconds = 0;
  #heardAt: Milliseconds = 0;
  /** When the latest request was made that has been answered. */
  #answeredAskedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #restsUntil: Milliseconds = 0;
  #connections = 1;
  /** When the number of connections last grew. */
  #spreadAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #sources = 1;
  #heldBlocks: number | null = null;
  readonly #turn = new PeerTurn();

  constructor(config: SwarmConfig) {
    this.#config = config;
    this.#patienceMs = config.snubMs;
    this.#windowBlocks = config.firstWindowBlocks;
    this.#peerLimitBlocks = config.mostWindowBlocks;
  }

  get snubbed(): boolean {
    return this.#snubbed;
  }

  /** The shortest time in which a block came; 0 before the first. */
  get roundTripMs(): Milliseconds {
    return this.#roundTripMs;
  }

  /** The round trip without anything queued: the shortest of those that were measured, of messages and of blocks; 0 before the handshakes. */
  get pathMs(): Milliseconds {
    return Math.min(this.answers.shortestMs, this.#roundTripMs || this.answers.shortestMs);
  }

  /** The same once two were measured, else 0: a page that is busy for 80 ms while the link opens is not far away. */
  get surePathMs(): Milliseconds {
    return this.answers.count > 1 || this.#roundTripMs > 0 ? this.pathMs : 0;
  }

  get inFlightBlocks(): number {
    return this.#inFlight.size;
  }

  get windowBlocks(): number {
    if (this.#snubbed) return 1;
    return Math.max(1, Math.min(Math.floor(this.#windowBlocks), this.#peerLimitBlocks, this.#heldBlocks ?? this.#peerLimitBlocks));
  }

  /** Before the end of a `rest` there is none. */
  roomBlocks(now: Milliseconds): number {
    // What a snubbed peer owes us shows whether it is alive: it is asked for nothing more.
    if (now < this.#restsUntil || (this.#snubbed && this.#owedBlocks > 0)) return 0;
    return Math.max(0, this.windowBlocks - this.#inFlight.size);
  }

  /**
   * We gave this block up and expect it still: it is in the peer's queue, where a CANCEL does not reach it, and a second request would bring a
   * second copy. With BEP 6 a REJECT ends it, else time does.
   */
  owes(key: BlockKey): boolean {
    return this.#givenUp.get(key)?.isOwed ?? false;
  }

  /** We gave this block up, and it may still arrive. */
  hasGivenUp(key: BlockKey): boolean {
    return this.#givenUp.has(key);
  }

  #endDebt(owed: GivenUp): void {
    if (owed.isOwed) this.#owedBlocks--;
    owed.isOwed = false;
  }

  /**
   * A peer that serves by turns rejects what goes beyond its turn, so as much is requested as its last turn brought, and all of it at once.
   * `pieceBlocks`: see {@link PeerTurn.begin}.
   */
  unchoked(pieceBlocks: number): void {
    const blocks = this.#turn.begin(pieceBlocks);
    if (blocks !== null) this.#windowBlocks = Math.max(this.#windowBlocks, Math.min(blocks, this.#config.mostWindowBlocks));
  }

  /** All that its turn should bring was requested, and it has not given more than that. */
  get isTurnSpent(): boolean {
    return this.#turn.isSpent(this.#inFlight.size);
  }

  /** Over so many connections the blocks come: each has something to carry, and a slow start of its own. */
  spreadOver(now: Milliseconds, connections: number): void {
    if (connections === this.#connections) return;
    if (connections > this.#connections) this.#spreadAt = now;
    this.#connections = connections;
    if (connections > 1) this.#windowBlocks = Math.max(this.#windowBlocks, connections * this.#config.messageBlocks);
  }

  /** Blocks come from so many peers at once. */
  shareAmong(sources: number): void {
    this.#sources = sources;
  }

  /** Further connections are on their way: the window does not grow, and has so many blocks at most. `null`: they are here, or will not come. */
  hold(mostBlocks: number | null): void {
    this.#heldBlocks = mostBlocks;
  }

  /** The peer's `reqq` (BEP 10). */
  limitTo(blocks: number): void {
    this.#peerLimitBlocks = Math.min(blocks, this.#config.mostWindowBlocks);
  }

  has(key: BlockKey): boolean {
    return this.#inFlight.has(key);
  }

  keys(): IterableIterator<BlockKey> {
    return this.#inFlight.keys();
  }

  asked(now: Milliseconds, key: BlockKey): void {
    if (this.#inFlight.size === 0) {
      this.#lastBlockAt = now;
      if (this.#givenUp.size === 0) this.#heardAt = now;
    }
    this.#inFlight.set(key, now);
  }

  /** True where we did ask for it, awaited or given up: a surplus copy is waste, never a fault. */
  answered(now: Milliseconds, key: BlockKey, bytes: number): boolean {
    const askedAt = this.#inFlight.get(key);
    this.#measureGap(now);
    if (askedAt === undefined) return this.#takeGivenUp(key, now) || this.#hasForgotten;
    this.#inFlight.delete(key);
    this.#rate.add(now, bytes);
    this.#firstBlockAt ??= now;
    this.#lastBlockAt = now;
    this.#turn.answered();
    this.#snubbed = false;
    this.#answeredAskedAt = Math.max(this.#answeredAskedAt, askedAt);
    const took = now - askedAt;
    if (this.#roundTripMs === 0 || took < this.#roundTripMs) this.#roundTripMs = took;
    this.#grow(now, took);
    return true;
  }

  /** The peer says that it will not send it. Answers come in the order of requests, so the oldest is meant. True where we had asked. */
  rejected(key: BlockKey): boolean {
    this.#turn.rejected();
    return this.#recall(key) || this.#inFlight.delete(key) || this.#hasForgotten;
  }

  /** Pauses requests until everything in flight must have arrived: twice as long as it should take. Returns how long. */
  rest(now: Milliseconds): Milliseconds {
    const restMs = Math.min(Math.max(2 * this.drainMs(now), shortestRestMs), longestRestMs);
    this.#restsUntil = now + restMs;
    return restMs;
  }

  /** We no longer wait for it; it may still arrive. For so long we do not ask the peer for it again. */
  giveUp(now: Milliseconds, key: BlockKey, owedMs: Milliseconds = this.#patienceMs): void {
    if (!this.#inFlight.delete(key)) return;
    const earlier = this.#givenUp.get(key);
    if (earlier !== undefined) this.#endDebt(earlier);
    this.#givenUp.set(key, { count: (earlier?.count ?? 0) + 1, owedUntil: now + owedMs, isOwed: owedMs > 0 });
    if (owedMs > 0) this.#owedBlocks++;
    if (this.#givenUp.size <= mostGivenUp) return;
    // A peer that never answers what we cancelled must not make us remember for ever.
    for (const [oldest, owed] of this.#givenUp) {
      this.#endDebt(owed);
      this.#givenUp.delete(oldest);
      break;
    }
    this.#hasForgotten = true;
  }

  /** Forgets one given-up request for this block; false where there is none. */
  #recall(key: BlockKey): boolean {
    const owed = this.#givenUp.get(key);
    if (owed === undefined) return false;
    owed.count--;
    if (owed.count > 0) return true;
    this.#endDebt(owed);
    this.#givenUp.delete(key);
    return true;
  }

  /** A slow peer gets longer by what it showed, or it would be asked again for blocks that are on their way. */
  #measureGap(now: Milliseconds): void {
    this.#gapMs += gapShare * (now - this.#heardAt - this.#gapMs);
    this.#heardAt = now;
    this.#patienceMs = Math.min(Math.max(this.#config.snubMs, patienceGaps * this.#gapMs), longestPatienceMs);
  }

  /** A late block shows that the peer is alive, though too slow for its window. */
  #takeGivenUp(key: BlockKey, now: Milliseconds): boolean {
    if (!this.#recall(key)) return false;
    this.#lastBlockAt = now;
    return true;
  }

  /** Requests to be given up now: all of them when the peer turns snubbed, else those that later ones have overtaken. */
  overdue(now: Milliseconds): BlockKey[] {
    if (this.#inFlight.size === 0) return [];
    if (now - this.#lastBlockAt > this.#patienceMs) {
      // A peer slower than a block in this time needs longer for its one request, or it would send copies for ever.
      this.#patienceMs = Math.min(2 * this.#patienceMs, longestPatienceMs);
      this.#snubbed = true;
      this.#windowBlocks = this.#config.leastWindowBlocks;
      this.#lastBlockAt = now;
      this.lateBlocks += this.#inFlight.size;
      return [...this.#inFlight.keys()];
    }
    const late: BlockKey[] = [];
    for (const [key, askedAt] of this.#inFlight) {
      // Answers come in the order of requests: on a slow link an old request is only waiting for its turn.
      if (askedAt >= this.#answeredAskedAt || now - askedAt <= this.#timeoutMs(now)) break;
      late.push(key);
    }
    this.lateBlocks += late.length;
    return late;
  }

  /** Milliseconds until everything asked so far should be here, at the present rate; infinite for a snubbed peer. */
  drainMs(now: Milliseconds): Milliseconds {
    if (this.#snubbed) return Number.POSITIVE_INFINITY;
    if (this.#inFlight.size === 0) return this.#roundTripMs;
    const rate = this.#rate.perSecond(now);
    // Nothing arrived lately: expect twice the wait so far, at least a second for a peer that was just asked.
    if (rate === 0) return Math.max(1000, 2 * (now - this.#lastBlockAt));
    return this.#roundTripMs + (this.#inFlight.size * blockBytes * 1000) / rate;
  }

  /** The measured rate bounds the window again once slow start is over. */
  tick(now: Milliseconds): void {
    for (const owed of this.#givenUp.values()) if (now >= owed.owedUntil) this.#endDebt(owed);
    if (this.#inSlowStart(now)) return;
    const target = this.#targetBlocks(now);
    if (this.#windowBlocks > 2 * target) this.#windowBlocks = target;
  }

  /** After a gap in time nothing measured before counts, and no request is late. */
  forgive(now: Milliseconds): void {
    this.#lastBlockAt = now;
    this.#heardAt = now;
    for (const key of this.#inFlight.keys()) this.#inFlight.set(key, now);
  }

  /**
   * Over several connections slow start goes on only with blocks that hardly waited in a queue, which more requests only make longer. A queue
   * that overflows at once loses hundreds of packets, after which a connection needs ten seconds to recover (20 Mbit/s, 40 ms). In a crowd
   * it goes on only with blocks that waited no longer than the queue we want: ten pieces of each leech lay queued at the seed.
   */
  #grow(now: Milliseconds, took: Milliseconds): void {
    if (this.#heldBlocks !== null) return;
    const isGentle = this.#connections > 1;
    const isCrowd = this.#queueMs === this.#config.leastPipelineMs;
    const isPrompt = isGentle
      ? took <= (this.pathMs || this.#roundTripMs) + this.#config.slowStartQueueMs
      : !isCrowd || took <= this.#roundTripMs + this.#queueMs;
    const isBelow = this.#windowBlocks < this.#targetBlocks(now);
    const step = this.#inSlowStart(now) && isPrompt ? 1 : isGentle ? this.#gentleStep(isBelow, isPrompt) : Number(isBelow);
    this.#windowBlocks = Math.min(this.#windowBlocks + step, this.#config.mostWindowBlocks);
  }

  /** On a far path the queue that slow start has filled is let go again, before it overflows. */
  #gentleStep(isBelow: boolean, isPrompt: boolean): number {
    const { gentleGrowth, farMs } = this.#config;
    if (isBelow) return gentleGrowth;
    return isPrompt || this.pathMs < farMs ? 0 : -gentleGrowth;
  }

  #inSlowStart(now: Milliseconds): boolean {
    return this.#firstBlockAt === null || now - Math.max(this.#firstBlockAt, this.#spreadAt) < this.#config.slowStartMs;
  }

  #targetBlocks(now: Milliseconds): number {
    const seconds = (this.#roundTripMs + this.#queueMs) / 1000;
    return Math.max(this.#leastBlocks(now), Math.ceil((this.#rate.perSecond(now) * seconds) / blockBytes));
  }

  /**
   * Of many sources each has a short queue: what all of them hold is late together at the end, and one that stalls is made up for by others.
   * A queue that overflows costs several connections half of their windows, on a far path for long: they grow by a packet a round trip.
   */
  get #queueMs(): Milliseconds {
    const { pipelineMs, connectionsPipelineMs, leastPipelineMs, fewSources, nearMs, farMs, slowStartQueueMs } = this.#config;
    if (this.#connections > 1 && this.pathMs >= nearMs) return this.pathMs < farMs ? connectionsPipelineMs : slowStartQueueMs;
    return Math.max(leastPipelineMs, pipelineMs * Math.min(1, fewSources / this.#sources));
  }

  /** A connection that lost packets holds its blocks back for seconds. In slow start none did, and half of what is in flight queues at the line. */
  #leastBlocks(now: Milliseconds): number {
    const { leastWindowBlocks, connectionBlocks, farConnectionBlocks, farMs } = this.#config;
    if (this.#connections === 1) return leastWindowBlocks;
    return this.#connections * (this.pathMs < farMs || this.#inSlowStart(now) ? connectionBlocks : farConnectionBlocks);
  }

  #timeoutMs(now: Milliseconds): Milliseconds {
    return this.#config.requestTimeoutMs + 4 * Math.min(this.drainMs(now), this.#config.snubMs);
  }
}
