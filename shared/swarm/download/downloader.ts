import { PeerFault } from '../../failure.ts';
import type { BlockRef, LinkId, Milliseconds, PieceIndex } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { Availability } from './pick/availability.ts';
import { PeerPieces } from './peer-pieces.ts';
import { type Metadata, type Context, type Peer, send } from '../peer/peer.ts';
import { Asking } from '../strategy/asking.ts';
import type { Gossip } from '../gossip/gossip.ts';
import { updateInterest } from '../peer/interest.ts';
import type { Chooser } from './pick/chooser.ts';
import { Picker } from './pick/picker.ts';
import { type BlockKey, blockKey, keyBlock, keyPiece } from './block-key.ts';
import { type PartialPiece, PartialPieces } from './partial-pieces.ts';
import { SmartBan } from './smart-ban/smart-ban.ts';
import { Holders } from './holders.ts';
import { WholePieces } from './whole-pieces.ts';

/** Blocks of a refused push that are on their way have come by then: the peer withdraws the others, and they can be requested of it. */
const refusedPushMs: Milliseconds = 1000;

/**
 * Downloads from peers: fills pipelines, takes blocks, sends whole pieces to be verified, and recovers from bad ones. A block is in flight
 * if and only if its piece counts a requester: the requesters of a block are as many as the pipelines that hold it.
 */
export class Downloader {
  readonly peerPieces: PeerPieces;
  readonly availability: Availability;
  readonly picker: Picker;
  readonly whole: WholePieces;
  readonly #context: Context;
  readonly #metadata: Metadata;
  readonly smartBan: SmartBan;
  readonly #asking: Asking;
  readonly #gossip: Gossip;
  readonly #partialPieces = new PartialPieces();
  readonly #holders: Holders;
  /** No room in storage: nothing more is asked for. */
  storageFull = false;
  /** Blocks became free that other peers may be asked for. Cleared by the caller that fills those peers. */
  hasFreed = false;
  failedPieces = 0;

  constructor(context: Context, metadata: Metadata, gossip: Gossip) {
    const { geometry, have } = metadata;
    this.#context = context;
    this.#metadata = metadata;
    this.#asking = new Asking(context);
    this.#gossip = gossip;
    this.#holders = new Holders(context, this.#partialPieces);
    this.availability = new Availability(geometry.pieceCount);
    this.picker = new Picker(geometry, context.config, have, this.availability, this.#partialPieces, context.random);
    this.smartBan = new SmartBan(context, metadata, this.#partialPieces, this.picker);
    this.whole = new WholePieces(context, metadata, this.#partialPieces, this.picker, (piece) => this.smartBan.whole(piece));
    this.peerPieces = new PeerPieces(metadata, this.availability, this.picker, (piece, link) => this.#share(piece, link));
  }

  /** One priority a piece. */
  want(priorities: Uint8Array): void {
    for (let piece = 0; piece < this.#metadata.geometry.pieceCount; piece++) this.picker.setPriority(piece, priorities[piece] ?? 0);
    for (const peer of this.#context.peers.values()) if (peer.have !== null) this.peerPieces.recount(peer);
  }

  /** Says whether it interests us, and asks for as much as the peer's window takes, and as a bandwidth limit lets it have. */
  fill(peer: Peer): void {
    updateInterest(this.#context, peer, this.#metadata.have.isFull);
    if (this.storageFull || !peer.amInterested || !peer.isAskable) return;
    const roomBlocks = this.#roomBlocks(peer);
    if (roomBlocks === 0 || !this.#gossip.mayRequest(peer)) return;
    const chooser = this.#chooserOf(peer);
    const { isLimited } = peer.downAllowance;
    for (let room = roomBlocks; room > 0; room--) {
      if (isLimited && !this.#takeSlot(peer, chooser)) return;
      const picked =
        this.picker.pickUrgent(chooser, this.#holders) ?? this.picker.pick(chooser) ?? this.picker.pickInEndGame(chooser, this.#holders);
      if (picked === null) return peer.downAllowance.giveBack(blockBytes);
      const { piece, begin, length } = this.#metadata.geometry.block(picked.piece.piece, picked.block);
      this.#partialPieces.ask(picked.piece, picked.block);
      peer.pipeline.asked(this.#context.now, blockKey(piece, picked.block));
      peer.askedSince ??= this.#context.now;
      send(this.#context, peer, { type: 'request', piece, begin, length });
    }
  }

  /** False where the peer has to wait for its turn under a bandwidth limit, or nothing may be asked of it that is worth booking one. */
  #takeSlot({ downAllowance }: Peer, chooser: Chooser): boolean {
    const { now } = this.#context;
    // Twenty peers that had nothing for us left 18 of 100 slots of a limit to one that had.
    if (downAllowance.mustBook(now) && !this.picker.mayPick(chooser)) return false;
    return downAllowance.take(now, blockBytes);
  }

  /**
   * These pieces come first from now on. Where somebody begins to wait elsewhere (a player jumped), what is in flight of other pieces is
   * cancelled, or the new place would wait for up to a second's worth of the old one: at peers that may give some of it, and not again and
   * again for a piece that nobody may give.
   */
  prioritize(pieces: readonly PieceIndex[]): void {
    this.picker.setDeadlines(pieces);
    this.hasFreed = true;
    const peers = [...this.#context.peers.values()];
    if (!this.picker.isUrgentUnasked(peers.map((peer) => this.#chooserOf(peer)))) return;
    for (const peer of peers) {
      // On parole it must finish its two pieces before it may begin a third.
      if (peer.onParole || !this.picker.mayBeginUrgent(this.#chooserOf(peer))) continue;
      for (const key of peer.pipeline.keys()) if (!this.picker.hasDeadline(keyPiece(key))) this.#withdraw(peer, key);
    }
  }

  /**
   * While choked only the pieces of the peer's allowed-fast set can be asked for (BEP 6); rejected ones rest for a while, and suspects give
   * others the first try.
   */
  #chooserOf(peer: Peer): Chooser {
    const { link, onParole, pipeline, rejections, record, allowedFast } = peer;
    if (!peer.peerChoking && rejections.isEmpty && record.suspectedIn === 0) return peer;
    const { now } = this.#context;
    const mayGive = (piece: PieceIndex): boolean =>
      peer.has(piece) && !rejections.isResting(now, piece) && this.smartBan.mayGive(piece, peer);
    if (!peer.peerChoking) return { link, onParole, pipeline, suggested: peer.suggested, only: null, has: mayGive };
    return { link, onParole, pipeline, suggested: [], only: allowedFast, has: (piece) => allowedFast.has(piece) && mayGive(piece) };
  }

  /** A long pipeline is refilled by several requests at once: each channel message costs both sides as much as its bytes do. */
  #roomBlocks(peer: Peer): number {
    const { now, config } = this.#context;
    const room = peer.pipeline.roomBlocks(now);
    const isWorthFilling = room > 0 && room >= Math.min(config.refillBlocks, peer.pipeline.windowBlocks >> 2);
    return isWorthFilling ? this.#asking.roomBlocks(peer, room) : 0;
  }

  /** @throws PeerFault `unaskedPiece` or `badLength` */
  receive(peer: Peer, piece: PieceIndex, begin: number, bytes: Uint8Array): void {
    const key = this.#keyOf(piece, begin);
    if (key === null) throw new PeerFault('badIndex', `block ${piece}:${begin}`);
    if (bytes.length !== this.#metadata.geometry.block(piece, keyBlock(key)).length)
      throw new PeerFault('badLength', `block of ${bytes.length} bytes`);
    const isRequested = peer.pipeline.has(key);
    const isPushed = !isRequested && !peer.pipeline.hasGivenUp(key) && this.#gossip.takes(peer, piece, this);
    const wasAwaited = isRequested || (isPushed && peer.pipeline.has(key));
    const isAnswer = peer.pipeline.answered(this.#context.now, key, bytes.length);
    if (!isPushed && !isAnswer) throw new PeerFault('unaskedPiece', `block ${piece}:${begin}`);
    peer.rejections.answered(piece);
    peer.down.add(this.#context.now, bytes.length);
    peer.record.gaveBytes += bytes.length;
    peer.askedSince = null;
    peer.recentDown.add(this.#context.now, bytes.length);
    this.#context.downBytes += bytes.length;
    this.#take(peer, key, begin, bytes, wasAwaited);
  }

  /** A peer pushes a piece: all of it counts as requested of that peer. False where it is of no use: then what comes of it is waste. */
  beginPushed(peer: Peer, piece: PieceIndex): boolean {
    const { now } = this.#context;
    const begun = this.storageFull ? null : this.picker.startPushed(peer, piece);
    for (let block = 0; block < this.#metadata.geometry.blockCount(piece); block++) {
      const key = blockKey(piece, block);
      if (peer.pipeline.has(key)) continue;
      peer.pipeline.asked(now, key);
      if (begun === null) peer.pipeline.giveUp(now, key, refusedPushMs);
      else this.#partialPieces.ask(begun, block);
    }
    return begun !== null;
  }

  /** BEP 6 reject. @throws PeerFault `badRequest` for what was never asked. */
  rejected(peer: Peer, { piece, begin }: BlockRef): void {
    const key = this.#keyOf(piece, begin);
    const wasInFlight = key !== null && peer.pipeline.has(key);
    if (key === null || !peer.pipeline.rejected(key)) throw new PeerFault('badRequest', 'reject of what was not asked');
    if (!wasInFlight || peer.pipeline.has(key)) return;
    this.#unask(key);
    this.#unbegin(piece);
    // A peer that rejects what it says it has is asked again after a pause, and others before it: a read error may pass.
    // After a CHOKE every request is rejected, except those for pieces that are allowed all the same (BEP 6).
    if (peer.peerChoking && !peer.allowedFast.has(piece)) return;
    peer.rejections.add(this.#context.now, piece);
    this.#share(piece, peer.link);
  }

  /** A CHOKE looks at every partial piece. */
  get chokeCost(): number {
    return this.#partialPieces.buffers;
  }

  unchoked({ pipeline }: Peer): void {
    pipeline.unchoked(Math.ceil(this.#metadata.geometry.pieceLength / blockBytes));
  }

  /** CHOKE drops every request without BEP 6; with it each request gets its reject or its block. Pieces kept for the peer are free for all. */
  choked(peer: Peer): void {
    if (!peer.fast) this.#giveUpAll(peer);
    this.#shareAll(peer.link);
  }

  /** The link is closed. Its exclusive pieces are free for all. */
  gone(peer: Peer): void {
    this.#giveUpAll(peer);
    this.#shareAll(peer.link);
    this.picker.forget(peer.link);
    this.peerPieces.forget(peer);
  }

  /** Everything unfinished is forgotten (pause). */
  abandon(): void {
    for (const piece of this.#partialPieces.pieces()) this.smartBan.dropPiece(piece);
  }

  /** Takes the verdict on a piece and returns the piece with its givers. */
  verified(piece: PieceIndex, ok: boolean): PartialPiece {
    const whole = this.#partialPieces.verified(piece);
    this.smartBan.verdict(piece, ok);
    if (ok) {
      this.#metadata.have.set(piece);
      this.#gossip.verified(piece);
      return whole;
    }
    this.failedPieces++;
    this.#context.wastedBytes += this.#metadata.geometry.pieceBytes(piece);
    if (whole.givers().length > 1) this.picker.taint(piece);
    this.picker.release(piece);
    return whole;
  }

  /** Some of it has been asked for or is here. */
  isComing(piece: PieceIndex): boolean {
    return this.#partialPieces.get(piece) !== undefined;
  }

  lost(piece: PieceIndex): boolean {
    if (!this.#metadata.have.clear(piece)) return false;
    this.picker.release(piece);
    return true;
  }

  /** Some blocks in flight are lost, unknown which: cancels all of them, and asks again once the others must have arrived. */
  recall(peer: Peer): void {
    const { pipeline } = peer;
    const restMs = pipeline.rest(this.#context.now);
    for (const key of pipeline.keys()) this.#cancel(peer, key, restMs);
  }

  /** Once a second, before the peers' own `tick`. */
  everySecond(): void {
    let sources = 0;
    for (const { pipeline } of this.#context.peers.values()) if (pipeline.inFlightBlocks > 0) sources++;
    for (const { pipeline } of this.#context.peers.values()) pipeline.shareAmong(sources);
    if (!this.picker.hasRoom) this.#makeRoom();
  }

  /**
   * Begun pieces take all the room, and a peer that would give others is asked for nothing: the emptiest piece that nobody has is dropped.
   * Otherwise peers that claim all pieces, give a block of a few, and leave, would end a download.
   */
  #makeRoom(): void {
    const peers = [...this.#context.peers.values()];
    if (!peers.some((peer) => !peer.peerChoking && peer.usefulPieces > 0 && peer.pipeline.inFlightBlocks === 0)) return;
    const dropped = this.#partialPieces.emptiestLeft((piece) => peers.some((peer) => peer.has(piece)));
    if (dropped === null) return;
    this.#context.wastedBytes += dropped.hereBlocks * blockBytes;
    this.smartBan.dropPiece(dropped);
    this.hasFreed = true;
  }

  /** Gives up what is overdue, with a CANCEL, so that it does not come twice. */
  tick(peer: Peer): void {
    this.#gossip.tick(peer, this);
    peer.pipeline.tick(this.#context.now);
    for (const key of peer.pipeline.overdue(this.#context.now)) {
      this.#cancel(peer, key);
      this.#share(keyPiece(key), peer.link);
    }
  }

  #take(peer: Peer, key: BlockKey, begin: number, block: Uint8Array, wasAwaited: boolean): void {
    const piece = keyPiece(key);
    const index = keyBlock(key);
    const partial = this.#partialPieces.get(piece);
    if (partial !== undefined && wasAwaited) this.#partialPieces.unask(partial, index);
    const isUsable = partial !== undefined && (partial.exclusiveTo === null || partial.exclusiveTo === peer.link);
    if (!isUsable || !this.#partialPieces.receive(partial, index, peer.link)) {
      this.#context.wastedBytes += block.length;
      return;
    }
    this.#context.out.push({ kind: 'write', link: peer.link, piece, begin, block });
    if (partial.askersOf(index) > 0) this.#cancelEverywhere(key);
    if (!partial.isWhole) return;
    this.smartBan.whole(partial);
    if (!partial.isWhole) this.hasFreed = true;
  }

  #cancelEverywhere(key: BlockKey): void {
    for (const peer of this.#context.peers.values()) if (peer.pipeline.has(key)) this.#withdraw(peer, key);
  }

  /** We do not want it of this peer any more: one of which we want nothing else is not silent. */
  #withdraw(peer: Peer, key: BlockKey): void {
    this.#cancel(peer, key);
    if (peer.pipeline.inFlightBlocks === 0) peer.askedSince = null;
  }

  #cancel(peer: Peer, key: BlockKey, owedMs?: Milliseconds): void {
    this.#unask(key);
    peer.pipeline.giveUp(this.#context.now, key, owedMs);
    send(this.#context, peer, { type: 'cancel', ...this.#metadata.geometry.block(keyPiece(key), keyBlock(key)) });
  }

  /** A piece whose only giver does not give it is free for all. */
  #share(piece: PieceIndex, link: LinkId): void {
    const partial = this.#partialPieces.get(piece);
    if (partial?.exclusiveTo !== link) return;
    partial.exclusiveTo = null;
    this.hasFreed = true;
  }

  #shareAll(link: LinkId): void {
    for (const { piece } of this.#partialPieces.pieces()) this.#share(piece, link);
  }

  #giveUpAll(peer: Peer): void {
    for (const key of peer.pipeline.keys()) {
      this.#unask(key);
      this.#unbegin(keyPiece(key));
      peer.pipeline.giveUp(this.#context.now, key, 0);
    }
  }

  #unask(key: BlockKey): void {
    const partial = this.#partialPieces.get(keyPiece(key));
    if (partial === undefined || partial.askersOf(keyBlock(key)) === 0) return;
    this.#partialPieces.unask(partial, keyBlock(key));
    this.hasFreed = true;
  }

  /** A piece of which nothing is here or asked for any more can be picked again, by rarity. */
  #unbegin(piece: PieceIndex): void {
    const partial = this.#partialPieces.get(piece);
    if (partial?.isUntouched === true && !this.smartBan.hasFailed(piece)) this.smartBan.dropPiece(partial);
  }

  /** `null` where the torrent has no such block. */
  #keyOf(piece: PieceIndex, begin: number): BlockKey | null {
    const { geometry } = this.#metadata;
    const index = geometry.blockIndex(begin);
    return piece < geometry.pieceCount && index >= 0 && index < geometry.blockCount(piece) ? blockKey(piece, index) : null;
  }
}
