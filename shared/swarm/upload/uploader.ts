import { PeerFault } from '../../failure.ts';
import type { BlockRef, LinkId, Milliseconds, PieceIndex } from '../../ids.ts';
import { blockBytes, maxRequestBytes } from '../../limits.ts';
import { hasRival, type Moment, PeerCandidate, type Resting, rests, turnOf } from './candidates.ts';
import { FreeRiders } from './free-riders.ts';
import { MetadataAnswers } from './metadata-answers.ts';
import { ReadBudget } from './requests/read-budget.ts';
import { Rate } from '../lib/rate.ts';
import { type Metadata, type Context, type Peer, sayDeferredHaves, send } from '../peer/peer.ts';
import { UploadOrder } from './order/upload-order.ts';
import { plainSeed, type SeedPolicy } from './seeding/seed-policy.ts';
import type { Situation, SlotPolicy } from './slot-policy.ts';
import { newSlotPolicy } from './strategies.ts';
import { suggestionsAhead } from './suggestions-ahead.ts';
import { SuggestingSeed } from './seeding/suggesting-seed.ts';

/** A download begins until it has so many pieces, or this share of them if that is more. */
const beginningPieces = 16;
const beginningShare = 1 / 8;

/** Answers requests of other peers: which peers may ask (slot policy), which requests wait (request queue), which blocks the host is sending. */
export class Uploader {
  readonly #context: Context;
  readonly #slots: SlotPolicy;
  readonly #freeRiders: FreeRiders;
  #seedPolicy: SeedPolicy = plainSeed;
  #isSeeding = false;
  /** Mean over the last few turns of the time from UNCHOKE to the first request. */
  #answerMs: Milliseconds = 0;
  /** Of all links. */
  readonly #rate = new Rate(3);
  readonly #reads: ReadBudget;
  readonly #order: UploadOrder;
  readonly metadata: MetadataAnswers;
  /** Peers whose requests wait for reads of others, longest waiting first. */
  readonly #waitingForReads = new Set<Peer>();
  /** Peers whose requests wait for their turn under a bandwidth limit. */
  readonly #waitingForTurn = new Set<Peer>();

  /** Nothing waits of this peer any more. */
  whenIdle: (peer: Peer) => void = () => undefined;

  constructor(context: Context) {
    this.#context = context;
    this.#slots = newSlotPolicy(context);
    this.#freeRiders = new FreeRiders(context);
    this.#reads = new ReadBudget(context.config);
    this.#order = new UploadOrder(context, this.#rate);
    this.metadata = new MetadataAnswers(context);
  }

  /** A newly interested peer gets a free slot at once. An unchoked peer that was not interested for a while may have lost its slot. */
  interested(peer: Peer): void {
    if (peer.peerInterested) return;
    let used = 0;
    for (const other of this.#context.peers.values()) if (!other.amChoking && other.peerInterested) used++;
    peer.peerInterested = true;
    peer.waitingSince = this.#context.now;
    if (!rests(peer, this.#resting()) && this.#slots.hasFreeSlot(used, this.#situation())) this.#unchoke(peer);
    else if (!peer.amChoking) this.#choke(peer);
  }

  /** Its slot is free for others, so nothing more is sent. It stays unchoked until it is interested again: it may be between two pieces. */
  notInterested(peer: Peer): void {
    peer.peerInterested = false;
    this.#refuseAll(peer);
  }

  announced({ link }: Peer, piece: PieceIndex): void {
    this.#seed().announced(link, piece);
  }

  /** @throws PeerFault `badRequest` or `requestFlood` */
  request(peer: Peer, metadata: Metadata, request: BlockRef): void {
    const { geometry, have } = metadata;
    const isInside =
      request.piece < geometry.pieceCount && request.length > 0 && request.begin + request.length <= geometry.pieceBytes(request.piece);
    if (!isInside || request.length > maxRequestBytes)
      throw new PeerFault('badRequest', `${request.piece}:${request.begin}+${request.length}`);
    // Whoever requests is interested, whatever it said, or it would be served without a slot.
    this.interested(peer);
    // Without BEP 6 there is no other refusal than silence. A request that crossed our CHOKE is not a fault.
    if (peer.amChoking || !have.has(request.piece)) return this.#reject(peer, request);
    if (peer.requests.waiting >= this.#context.config.maxQueuedRequests) {
      if (!peer.fast) throw new PeerFault('requestFlood');
      return this.#reject(peer, request);
    }
    this.#measureAnswer(peer);
    peer.requestedAt = this.#context.now;
    peer.idleTurns = 0;
    peer.requests.add(request);
    if (this.#seed().requested(peer, request.piece)) this.#suggest(peer);
    this.#pump(peer);
  }

  /** Sends a piece that the peer did not request but welcomes, as if it had. */
  push(peer: Peer, { geometry }: Metadata, piece: PieceIndex): void {
    for (let block = 0; block < geometry.blockCount(piece); block++) peer.requests.push(geometry.block(piece, block));
    this.#pump(peer);
  }

  /** The peer has no use for a pushed piece. What it requested of it at the same time is still sent. */
  refused(peer: Peer, piece: PieceIndex): void {
    if (peer.requests.withdraw(piece) && peer.requests.isIdle) this.whenIdle(peer);
  }

  cancel(peer: Peer, request: BlockRef): void {
    if (!peer.requests.cancel(request)) return;
    peer.upAllowance.release(); // perhaps booked for this one
    this.#drop(peer, request);
    this.#pump(peer);
  }

  /** Blocks have left the host's queue: hand it the next ones. */
  drained(peer: Peer, drainedBytes: number): void {
    const bytes = drainedBytes - this.metadata.drained(peer.link, drainedBytes);
    if (bytes === 0) return;
    peer.requests.drained(this.#context.now, bytes);
    peer.recentUp.add(this.#context.now, bytes);
    this.#rate.add(this.#context.now, bytes);
    peer.servedBytes += bytes;
    this.#context.upBytes += bytes;
    for (const next of this.#order.drained(peer)) this.#pump(next);
    if (!peer.requests.isIdle) return;
    // Where its turn is over, its slot was given away with the last block that was handed out.
    if (this.#slots.isPrompt && !peer.amChoking) this.#assignSlots();
    this.whenIdle(peer);
  }

  /** Reads are over: the next requests of this link, and of those that waited for room. */
  readDone(link: LinkId, bytes: number): void {
    this.#reads.done(link, bytes);
    const peer = this.#context.peers.get(link);
    if (peer !== undefined) this.#pump(peer);
    const waiting = [...this.#waitingForReads];
    for (const next of waiting) {
      if (this.#reads.isFull) return;
      this.#waitingForReads.delete(next);
      this.#pump(next);
    }
  }

  closed(link: LinkId): void {
    this.#reads.closed(link);
    this.metadata.closed(link);
    this.#seed().left(link);
    this.#order.closed(link);
    for (const waiting of [this.#waitingForReads, this.#waitingForTurn])
      for (const peer of waiting) if (peer.link === link) waiting.delete(peer);
  }

  /** Turns under a bandwidth limit may have come. */
  takeTurns(): void {
    const waiting = [...this.#waitingForTurn];
    this.#waitingForTurn.clear();
    for (const peer of waiting) this.#pump(peer);
  }

  /** Hands requests to the host, until they must wait for room to read or for a bandwidth limit, or the turn is over. */
  #pump(peer: Peer): void {
    const aheadBytes = this.#aheadBytes(peer);
    for (let next = peer.requests.next(aheadBytes); next !== null; next = peer.requests.next(aheadBytes)) {
      if (this.#order.holds(peer, this.#seed())) return;
      if (!peer.upAllowance.take(this.#context.now, next.length)) {
        this.#waitingForTurn.add(peer);
        return;
      }
      const readBytes = this.#reads.reserve(peer.link, this.#recordOf(next));
      if (readBytes === null) {
        peer.upAllowance.giveBack(next.length);
        this.#waitingForReads.add(peer);
        return;
      }
      peer.requests.handOut(this.#context.now, next);
      peer.turnBytes += next.length;
      this.#seed().given(peer, next.piece);
      this.#context.out.push({ kind: 'sendBlock', link: peer.link, readBytes, piece: next.piece, begin: next.begin, length: next.length });
      if (this.#slots.isPrompt && this.#slots.isTurnOver(turnOf(peer), this.#situation())) this.#assignSlots();
    }
    if (peer.requests.waiting === 0) peer.upAllowance.release();
  }

  /** Storage and files are read in records, counted from the start of the torrent. */
  #recordOf({ piece, begin }: BlockRef): number {
    const pieceLength = this.#context.metadata?.geometry.pieceLength ?? 0;
    return Math.floor((piece * pieceLength + begin) / this.#context.config.recordBytes);
  }

  /** The host could not read a block. */
  unreadable(peer: Peer, block: BlockRef): void {
    peer.requests.drained(this.#context.now, block.length);
    this.#drop(peer, block);
    if (peer.requests.isIdle) this.whenIdle(peer);
  }

  /** Rejects the waiting requests for a piece that we lost. */
  dropPiece(piece: number): void {
    for (const peer of this.#context.peers.values()) for (const request of peer.requests.clear(piece)) this.#drop(peer, request);
  }

  /** Who gives nothing refuses nothing where we ask for nothing, since storage is full. */
  tick(isStorageFull: boolean): void {
    this.metadata.tick();
    for (const held of this.#order.tick()) this.#pump(held);
    if (this.#context.metadata?.have.isFull === false && !isStorageFull) this.#freeRiders.tick();
    this.#assignSlots();
  }

  /** Chosen anew when we become complete, or lose a piece. */
  #seed(): SeedPolicy {
    const { config, random, metadata, peers } = this.#context;
    const isSeeding = metadata?.have.isFull ?? false;
    if (metadata === null || isSeeding === this.#isSeeding) return this.#seedPolicy;
    this.#isSeeding = isSeeding;
    const isKnown = (piece: PieceIndex): boolean => {
      for (const peer of peers.values()) if (peer.has(piece)) return true;
      return false;
    };
    const suggests = isSeeding && config.seedPolicy === 'suggest';
    this.#seedPolicy = suggests ? new SuggestingSeed(metadata.geometry, config.recordBytes, random, isKnown) : plainSeed;
    return this.#seedPolicy;
  }

  #situation(): Situation {
    const { now, metadata } = this.#context;
    const roundTripBytes = (this.#rate.perSecond(now) * this.#answerMs) / 1000;
    const { turnsAtOnce } = this.#order;
    if (metadata === null) return { now, seeding: false, beginning: true, pieceBytes: 0, roundTripBytes, turnsAtOnce };
    const { have, geometry } = metadata;
    const beginning = have.count < Math.max(beginningPieces, beginningShare * geometry.pieceCount);
    return { now, seeding: have.isFull, beginning, pieceBytes: geometry.pieceLength, roundTripBytes, turnsAtOnce };
  }

  /** How long a peer took from our UNCHOKE to its request: a round trip, unless it had nothing to ask for. */
  #measureAnswer(peer: Peer): void {
    const ms = this.#context.now - peer.unchokedAt;
    if (peer.requestedAt >= peer.unchokedAt || ms >= this.#slots.idleMs) return;
    peer.answerMs = Math.min(peer.answerMs ?? ms, ms);
    this.#answerMs += (ms - this.#answerMs) / 8;
  }

  /** Ends turns, gives the slots to others, and renews the turns that nobody else wants. */
  #assignSlots(): void {
    const situation = this.#situation();
    const candidates = this.#candidates(situation);
    const { choke, unchoke } = this.#slots.tick(situation, candidates);
    for (const candidate of candidates) {
      const { link, peer } = candidate;
      if (!candidate.unchoked || !peer.isOpen) continue;
      if (choke.includes(link)) {
        if (candidate.idle) peer.idleTurns++;
        this.#choke(peer);
      } else if (this.#slots.isTurnOver(candidate.turn, situation)) this.#beginTurn(peer);
    }
    for (const link of unchoke) {
      const peer = this.#context.peers.get(link);
      if (peer !== undefined) this.#unchoke(peer);
    }
  }

  #candidates(situation: Situation): PeerCandidate[] {
    const candidates: PeerCandidate[] = [];
    let moment: Moment | null = null;
    for (const peer of this.#context.peers.values()) {
      if (!peer.peerInterested) continue;
      moment ??= this.#moment(situation);
      candidates.push(new PeerCandidate(peer, moment));
    }
    return candidates;
  }

  #moment({ pieceBytes }: Situation): Moment {
    const { now, freeRiders, letsRest } = this.#resting();
    return { now, freeRiders, letsRest, pieceBytes, seed: this.#seed(), idleMs: this.#slots.idleMs, answerMs: this.#answerMs };
  }

  #resting(): Resting {
    return { now: this.#context.now, freeRiders: this.#freeRiders, letsRest: this.#isSeeding && this.#slots.isPrompt };
  }

  #aheadBytes(peer: Peer): number {
    const { uploadAheadMs, connectionsAheadMs, leastUploadAheadBytes, uploadAheadBytes } = this.#context.config;
    // What is handed out is sent, whoever else has given it meanwhile: four blocks may be five minutes of a slow uplink.
    if (peer.requests.blockMs > uploadAheadMs) return blockBytes;
    const { open } = peer.parallel;
    const ahead = (peer.recentUp.perSecond(this.#context.now) * (open > 1 ? connectionsAheadMs : uploadAheadMs)) / 1000;
    return Math.min(Math.max(ahead, leastUploadAheadBytes, 2 * open * blockBytes), uploadAheadBytes);
  }

  #unchoke(peer: Peer): void {
    if (!peer.amChoking) return;
    peer.amChoking = false;
    peer.unchokedAt = this.#context.now;
    peer.servedBytes = 0;
    peer.hadTurn = true;
    this.#beginTurn(peer);
    sayDeferredHaves(this.#context, peer);
    send(this.#context, peer, { type: 'unchoke' });
  }

  #beginTurn(peer: Peer): void {
    peer.turnBeganAt = this.#context.now;
    peer.turnBytes = 0;
    this.#suggest(peer);
  }

  #suggest(peer: Peer): void {
    if (!peer.fast || !hasRival(peer, this.#context.peers.values())) return;
    const ahead = suggestionsAhead(peer, this.#context, this.#seed().freshPieces, this.#answerMs);
    for (const piece of this.#seed().suggest(peer, ahead)) send(this.#context, peer, { type: 'suggest', piece });
  }

  #choke(peer: Peer): void {
    peer.amChoking = true;
    peer.waitingSince = this.#context.now;
    send(this.#context, peer, { type: 'choke' });
    this.#refuseAll(peer);
  }

  /** BEP 6: every waiting request gets its REJECT; blocks the host holds already still go out. */
  #refuseAll(peer: Peer): void {
    peer.upAllowance.release();
    for (const request of peer.requests.clear()) this.#drop(peer, request);
    this.#seed().refused(peer.link);
  }

  /** A block that was queued is not sent. A pushed one needs no answer. */
  #drop(peer: Peer, block: BlockRef): void {
    if (!peer.requests.isPushed(block)) this.#reject(peer, block);
  }

  #reject(peer: Peer, { piece, begin, length }: BlockRef): void {
    if (peer.fast) send(this.#context, peer, { type: 'reject', piece, begin, length });
  }
}
