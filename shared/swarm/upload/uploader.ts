import { PeerFault } from '../../failure.ts';
import type { BlockRef, LinkId } from '../../ids.ts';
import { blockBytes, maxRequestBytes } from '../../limits.ts';
import { type Candidate, Choker } from './choker.ts';
import { MetadataAnswers } from './metadata-answers.ts';
import { ReadBudget } from './read-budget.ts';
import { type Metadata, type Context, type Peer, send } from '../peer/peer.ts';

/** Answers requests of other peers: which peers may ask (choker), which requests wait (request queue), which blocks the host is sending. */
export class Uploader {
  readonly #context: Context;
  readonly #choker: Choker;
  readonly #reads: ReadBudget;
  readonly metadata: MetadataAnswers;
  /** Peers whose requests wait for reads of others, longest waiting first. */
  readonly #waitingForReads = new Set<Peer>();
  /** Peers whose requests wait for their turn under a bandwidth limit. */
  readonly #waitingForTurn = new Set<Peer>();
  #nextRoundAt = Number.NEGATIVE_INFINITY;

  constructor(context: Context) {
    this.#context = context;
    this.#choker = new Choker(context.config);
    this.#reads = new ReadBudget(context.config);
    this.metadata = new MetadataAnswers(context);
  }

  /** A newly interested peer gets a free slot at once. An unchoked peer that was not interested for a while may have lost its slot. */
  interested(peer: Peer): void {
    if (peer.peerInterested) return;
    let used = 0;
    for (const other of this.#context.peers.values()) if (!other.amChoking && other.peerInterested) used++;
    peer.peerInterested = true;
    peer.waitingSince = this.#context.now;
    if (this.#choker.hasFreeSlot(used)) this.#unchoke(peer);
    else if (!peer.amChoking) this.#choke(peer);
  }

  /** Its slot is free for others, but the peer stays unchoked until the next round: it may be between two pieces. */
  notInterested(peer: Peer): void {
    peer.peerInterested = false;
  }

  /** @throws PeerFault `badRequest` or `requestFlood` */
  request(peer: Peer, metadata: Metadata, request: BlockRef): void {
    const { geometry, have } = metadata;
    const isInside =
      request.piece < geometry.pieceCount && request.length > 0 && request.begin + request.length <= geometry.pieceBytes(request.piece);
    if (!isInside || request.length > maxRequestBytes)
      throw new PeerFault('badRequest', `${request.piece}:${request.begin}+${request.length}`);
    // Without BEP 6 there is no other refusal than silence. A request that crossed our CHOKE is not a fault.
    if (peer.amChoking || !have.has(request.piece)) return this.#reject(peer, request);
    if (peer.requests.waiting >= this.#context.config.maxQueuedRequests) {
      if (!peer.fast) throw new PeerFault('requestFlood');
      return this.#reject(peer, request);
    }
    peer.requestedAt = this.#context.now;
    peer.idleTurns = 0;
    peer.requests.add(request);
    this.#pump(peer);
  }

  cancel(peer: Peer, request: BlockRef): void {
    if (peer.requests.cancel(request)) this.#reject(peer, request);
  }

  /** Blocks have left the host's queue: hand it the next ones. */
  drained(peer: Peer, drainedBytes: number): void {
    const bytes = drainedBytes - this.metadata.drained(peer.link, drainedBytes);
    if (bytes === 0) return;
    peer.requests.drained(this.#context.now, bytes);
    peer.recentUp.add(this.#context.now, bytes);
    peer.servedBytes += bytes;
    this.#context.upBytes += bytes;
    this.#pump(peer);
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
    for (const waiting of [this.#waitingForReads, this.#waitingForTurn]) {
      for (const peer of waiting) if (peer.link === link) waiting.delete(peer);
    }
  }

  /** Turns under a bandwidth limit may have come. */
  takeTurns(): void {
    const waiting = [...this.#waitingForTurn];
    this.#waitingForTurn.clear();
    for (const peer of waiting) this.#pump(peer);
  }

  /** Hands requests to the host, until they must wait for room to read or for a turn under a bandwidth limit. */
  #pump(peer: Peer): void {
    const aheadBytes = this.#aheadBytes(peer);
    for (let next = peer.requests.next(aheadBytes); next !== null; next = peer.requests.next(aheadBytes)) {
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
      this.#context.out.push({ kind: 'sendBlock', link: peer.link, readBytes, ...next });
    }
  }

  /** Storage and files are read in records, counted from the start of the torrent. */
  #recordOf({ piece, begin }: BlockRef): number {
    const pieceLength = this.#context.metadata?.geometry.pieceLength ?? 0;
    return Math.floor((piece * pieceLength + begin) / this.#context.config.recordBytes);
  }

  /** The host could not read a block. */
  unreadable(peer: Peer, block: BlockRef): void {
    peer.requests.drained(this.#context.now, block.length);
    this.#reject(peer, block);
  }

  /** Rejects the waiting requests for a piece that we lost. */
  dropPiece(piece: number): void {
    for (const peer of this.#context.peers.values()) for (const request of peer.requests.clear(piece)) this.#reject(peer, request);
  }

  tick(seeding: boolean, pieceBytes: number): void {
    const { now, config, peers } = this.#context;
    this.metadata.tick();
    const candidates = this.#candidates(seeding, pieceBytes);
    if (now < this.#nextRoundAt) return this.#endIdleTurns(candidates, seeding);
    this.#nextRoundAt = now + config.chokeRoundMs;
    const chosen = this.#choker.round(now, candidates, seeding);
    for (const { link, idle } of candidates) if (idle && !chosen.has(link)) this.#countIdleTurn(link);
    for (const peer of peers.values()) {
      if (chosen.has(peer.link)) this.#unchoke(peer);
      else if (!peer.amChoking) this.#choke(peer);
    }
  }

  /** While we leech, a peer that has given us data may keep its slot while it requests nothing. */
  #candidates(seeding: boolean, pieceBytes: number): Candidate[] {
    const { now, peers } = this.#context;
    return [...peers.values()]
      .filter((peer) => peer.peerInterested)
      .map((peer) => ({
        link: peer.link,
        unchoked: !peer.amChoking,
        rate: peer.down.perSecond(now),
        waitingSince: peer.waitingSince,
        unchokedAt: peer.unchokedAt,
        servedPieces: peer.servedBytes / pieceBytes,
        idle: this.#isIdle(peer) && (seeding || peer.down.total === 0),
        idleTurns: peer.idleTurns,
      }));
  }

  #isIdle({ amChoking, requests, unchokedAt, requestedAt }: Peer): boolean {
    const { now, config } = this.#context;
    return !amChoking && requests.isIdle && now - Math.max(unchokedAt, requestedAt) >= config.idleSlotMs;
  }

  /** A peer that requests nothing holds a slot only while nobody waits for it. */
  #endIdleTurns(candidates: readonly Candidate[], seeding: boolean): void {
    const { peers } = this.#context;
    const { choke, unchoke } = this.#choker.replaceIdle(candidates, seeding);
    for (const link of choke) {
      this.#countIdleTurn(link);
      const peer = peers.get(link);
      if (peer !== undefined) this.#choke(peer);
    }
    for (const link of unchoke) {
      const peer = peers.get(link);
      if (peer !== undefined) this.#unchoke(peer);
    }
  }

  #countIdleTurn(link: LinkId): void {
    const peer = this.#context.peers.get(link);
    if (peer !== undefined) peer.idleTurns++;
  }

  #aheadBytes(peer: Peer): number {
    const { uploadAheadMs, leastUploadAheadBytes, uploadAheadBytes } = this.#context.config;
    // What is handed out is sent, whoever else has given it meanwhile: four blocks may be five minutes of a slow uplink.
    if (peer.requests.blockMs > uploadAheadMs) return blockBytes;
    const ahead = (peer.recentUp.perSecond(this.#context.now) * uploadAheadMs) / 1000;
    return Math.min(Math.max(ahead, leastUploadAheadBytes), uploadAheadBytes);
  }

  #unchoke(peer: Peer): void {
    if (!peer.amChoking) return;
    peer.amChoking = false;
    peer.unchokedAt = this.#context.now;
    peer.servedBytes = 0;
    send(this.#context, peer, { type: 'unchoke' });
  }

  /** BEP 6: after CHOKE every waiting request gets its REJECT; blocks the host holds already still go out. */
  #choke(peer: Peer): void {
    peer.amChoking = true;
    peer.waitingSince = this.#context.now;
    send(this.#context, peer, { type: 'choke' });
    for (const request of peer.requests.clear()) this.#reject(peer, request);
  }

  #reject(peer: Peer, { piece, begin, length }: BlockRef): void {
    if (peer.fast) send(this.#context, peer, { type: 'reject', piece, begin, length });
  }
}
