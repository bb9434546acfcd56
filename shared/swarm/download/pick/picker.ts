import type { LinkId, PieceIndex } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import type { Random } from '../../../random.ts';
import type { Geometry } from '../../../torrent/geometry.ts';
import type { Availability } from './availability.ts';
import type { Bitfield } from '../../lib/bitfield.ts';
import type { SwarmConfig } from '../../config.ts';
import { type Chooser, duplicateOf, freeBlock, isMuchSooner, mayGive, mayGiveSome, type Others, type Picked, pickedOf } from './chooser.ts';
import type { PartialPiece, PartialPieces } from '../partial-pieces.ts';
import { type PieceChoices, type PiecePolicy, piecePolicy } from './piece-policy.ts';
import { newPieceOrder, type PieceOrder } from './piece-order.ts';
import { Rarity, ranksPerPriority } from './rarity.ts';

const middleRank = 128;
const highestPriority = 7;

/** A web seed looks at so many pieces at a time: each costs a hash for every peer. */
const lookedAtPieces = 2048;

/** A peer on parole works on so many pieces at once: what one poisoner can spoil. */
const parolePieces = 2;

/** Pieces with a deadline begin even where all buffers are taken: so many more at most. */
const deadlineBuffers = 4;

/** So many of the first missing pieces with a deadline are asked of a second peer where the first one is too slow. */
const duplicatedPieces = 2;

/**
 * Decides which block to ask of which peer. A wanted piece is in exactly one state: verified, being verified, partial, pickable. A decision
 * depends on the peer's pieces, their rarity, the partial pieces, parole, and (in the end game) how long other peers will take.
 */
export class Picker implements PieceChoices {
  readonly #geometry: Geometry;
  readonly #config: SwarmConfig;
  readonly #policy: PiecePolicy;
  readonly #have: Bitfield;
  readonly #availability: Availability;
  readonly #partialPieces: PartialPieces;
  readonly #rarity: Rarity;
  /** `null`: the rarest first. */
  readonly #order: PieceOrder | null;
  readonly #priorities: Uint8Array;
  /** Pieces that failed with several givers: the next attempt has one. */
  readonly #tainted = new Set<PieceIndex>();
  readonly #mostBuffers: number;
  /** Somebody waits for these pieces: they come first, in this order. */
  #deadlines: readonly PieceIndex[] = [];
  /** The piece that each link was last given to start. */
  readonly #lastStarted = new Map<LinkId, PieceIndex>();

  constructor(
    geometry: Geometry,
    config: SwarmConfig,
    have: Bitfield,
    availability: Availability,
    partialPieces: PartialPieces,
    random: Random,
  ) {
    this.#geometry = geometry;
    this.#config = config;
    this.#policy = piecePolicy(config);
    this.#have = have;
    this.#availability = availability;
    this.#partialPieces = partialPieces;
    this.#rarity = new Rarity(geometry.pieceCount, random);
    this.#order = newPieceOrder(config, geometry.pieceCount, random);
    this.#priorities = new Uint8Array(geometry.pieceCount);
    this.#mostBuffers = Math.max(4, Math.floor(config.assemblyBytes / geometry.pieceLength));
  }

  /** Another piece may be begun. */
  get hasRoom(): boolean {
    return this.#partialPieces.buffers < this.#mostBuffers;
  }

  isWanted(piece: PieceIndex): boolean {
    return this.#priorityOf(piece) > 0;
  }

  /** 0: not wanted. A partial piece is finished all the same. */
  setPriority(piece: PieceIndex, priority: number): void {
    if (this.#priorities[piece] === priority) return;
    if (this.#rarity.has(piece)) this.#rarity.remove(piece);
    this.#priorities[piece] = Math.min(priority, highestPriority);
    this.release(piece);
  }

  /** Replaces the pieces that come before all others, most urgent first. Only wanted ones are picked. */
  setDeadlines(pieces: readonly PieceIndex[]): void {
    this.#deadlines = pieces.slice(0, this.#config.mostDeadlines);
  }

  /** Nobody has been asked for any of the most urgent missing piece that these may give: somebody began to wait elsewhere in the torrent. */
  isUrgentUnasked(peers: readonly Chooser[]): boolean {
    const first = this.#deadlines.find((piece) => !this.#have.has(piece) && peers.some((peer) => peer.has(piece)));
    return first !== undefined && this.#rarity.has(first);
  }

  /** It may be asked for a piece with a deadline that nobody was asked for. */
  mayBeginUrgent(peer: Chooser): boolean {
    return this.#deadlines.some((piece) => this.#rarity.has(piece) && peer.has(piece));
  }

  hasDeadline(piece: PieceIndex): boolean {
    return this.#deadlines.includes(piece);
  }

  /** A missing piece that is no longer partial (bad hash, lost, given up) can be picked again. */
  release(piece: PieceIndex): void {
    const isFree = !this.#have.has(piece) && this.#partialPieces.get(piece) === undefined && !this.#partialPieces.isVerifying(piece);
    if (!isFree || !this.isWanted(piece) || this.#rarity.has(piece)) return;
    this.#order?.added(piece);
    this.#rarity.insert(
      piece,
      (highestPriority - this.#priorityOf(piece)) * ranksPerPriority + middleRank + this.#availability.partial(piece),
    );
  }

  /** The link is closed. */
  forget(link: LinkId): void {
    this.#lastStarted.delete(link);
  }

  taint(piece: PieceIndex): void {
    this.#tainted.add(piece);
  }

  /** An incomplete peer has the piece now (+1) or no longer (−1). Called beside the availability's own count. */
  shift(piece: PieceIndex, by: 1 | -1): void {
    this.#rarity.shift(piece, by);
  }

  /** Whether there may be something to ask of this peer. Nothing is begun. */
  mayPick(peer: Chooser): boolean {
    const isUrgent = (piece: PieceIndex): boolean => this.#partialPieces.get(piece) !== undefined && peer.has(piece);
    if (!peer.onParole && (this.#rarity.size === 0 || this.#deadlines.some(isUrgent))) return true;
    if (mayGiveSome(peer, this.#partialPieces.open())) return true;
    return this.#mayBegin(peer, this.#mostBuffers + deadlineBuffers) && this.#rarity.rarest((piece) => peer.has(piece)) !== -1;
  }

  /**
   * The next block to ask of this peer of the pieces with a deadline, or `null`. The first of them are asked of a second peer as well, where
   * that one should be much sooner: who waits for a piece waits for its slowest block.
   */
  pickUrgent(peer: Chooser, others: Others): Picked | null {
    let missing = 0;
    for (const index of this.#deadlines) {
      if (this.#have.has(index)) continue;
      missing++;
      if (!peer.has(index)) continue;
      const piece = this.#partialPieces.get(index);
      if (piece === undefined) {
        const started = this.#rarity.has(index) ? this.#begin(peer, index, this.#mostBuffers + deadlineBuffers) : null;
        if (started !== null) return { piece: started, block: started.firstFree() };
      } else if (piece.freeBlocks > 0 && mayGive(peer, piece)) {
        const block = freeBlock(peer, piece);
        if (block !== null) return { piece, block };
      } else if (missing <= duplicatedPieces && !peer.onParole) {
        const duplicate = duplicateOf(this.#config, piece, peer, others, isMuchSooner(this.#config, peer, others));
        if (duplicate !== null) return duplicate;
      }
    }
    return null;
  }

  /** The next block to ask of this peer that is asked of nobody, or `null`. */
  pick(peer: Chooser): Picked | null {
    const cleared = this.#fromTainted(peer);
    if (cleared !== null) return cleared;
    // A turn that is spent lasts until the piece is whole.
    if (peer.pipeline.isTurnSpent) return this.ownBegun(peer);
    return this.#policy(this, peer) ?? this.#adopted(peer);
  }

  ownBegun(peer: Chooser): Picked | null {
    return this.#fromOpen(peer, this.#partialPieces.openOf(peer.link));
  }

  anyBegun(peer: Chooser): Picked | null {
    return this.#fromOpen(peer, this.#partialPieces.open());
  }

  fresh(peer: Chooser): Picked | null {
    const mayBegin = this.#rarity.size > 0 && this.#mayBegin(peer, this.#mostBuffers);
    return this.#start(peer, mayBegin ? this.#choosePiece(peer) : -1, this.#mostBuffers);
  }

  awaitsSuggested(peer: Chooser): boolean {
    const { link, suggested, pipeline } = peer;
    // A source alone gives no second copies; where nothing is asked of it, its suggestions cannot be had.
    if (pipeline.inFlightBlocks === 0 || this.#order !== null || this.#lastStarted.size < 2) return false;
    return suggested.some((piece) => (this.#rarity.has(piece) && peer.has(piece)) || this.#partialPieces.get(piece)?.begunBy === link);
  }

  suggested(peer: Chooser): Picked | null {
    return this.#start(peer, this.#suggestedBy(peer), this.#mostBuffers);
  }

  /** Begins the piece that a peer pushes; `null` where it is here or begun already, or no buffer is free. */
  startPushed(peer: Chooser, piece: PieceIndex): PartialPiece | null {
    return this.#rarity.has(piece) ? this.#begin(peer, piece, this.#mostBuffers) : null;
  }

  /** Begins a piece for a source outside the swarm that gives it whole and alone; `null` where none fits. */
  startWhole(link: LinkId, fits: (piece: PieceIndex) => boolean): PartialPiece | null {
    if (this.#partialPieces.buffers >= this.#mostBuffers) return null;
    const urgent = this.#deadlines.find((index) => this.#rarity.has(index) && fits(index));
    const piece = urgent ?? this.#rarity.rarestAmong(lookedAtPieces, fits);
    if (piece === -1) return null;
    this.#rarity.remove(piece);
    this.#tainted.delete(piece);
    return this.#partialPieces.start(piece, this.#geometry.blockCount(piece), link, link);
  }

  /**
   * End game: no piece is pickable, every missing block is asked for or kept for one link. What is kept goes to a second peer first, and
   * only when nothing is, what is asked; both only where that peer should have it much sooner than the first, so duplicates stay rare.
   */
  pickInEndGame(peer: Chooser, others: Others): Picked | null {
    if (this.#rarity.size > 0 || peer.onParole) return null;
    const isSooner = isMuchSooner(this.#config, peer, others);
    const kept = [...this.#partialPieces.open()].filter((piece) => peer.has(piece.piece));
    if (kept.length === 0) return this.#pickDuplicate(peer, others, isSooner);
    const taken = kept.find(({ exclusiveTo }) => exclusiveTo !== null && isSooner(exclusiveTo));
    if (taken === undefined) return null;
    taken.exclusiveTo = null;
    return pickedOf(peer, taken);
  }

  #pickDuplicate(peer: Chooser, others: Others, isSooner: (link: LinkId) => boolean): Picked | null {
    for (const piece of this.#partialPieces.pieces()) {
      const duplicate = duplicateOf(this.#config, piece, peer, others, isSooner);
      if (duplicate !== null) return duplicate;
    }
    return null;
  }

  /** First what clears suspects. One buffer is kept for it: all others may be held until a suspicion is cleared. */
  #fromTainted(peer: Chooser): Picked | null {
    if (this.#tainted.size === 0) return null;
    const piece = this.#anyOf(this.#tainted, (tainted) => peer.has(tainted));
    return this.#start(peer, piece, this.#mostBuffers + 1);
  }

  #fromOpen(peer: Chooser, pieces: Iterable<PartialPiece>): Picked | null {
    for (const piece of pieces) {
      if (!peer.has(piece.piece) || !mayGive(peer, piece)) continue;
      const block = freeBlock(peer, piece);
      if (block !== null) return { piece, block };
    }
    return null;
  }

  /** The first block of a piece that nobody began; −1: none. */
  #start(peer: Chooser, piece: PieceIndex, mostBuffers: number): Picked | null {
    const started = piece === -1 ? null : this.#begin(peer, piece, mostBuffers);
    return started === null ? null : pickedOf(peer, started);
  }

  #priorityOf(piece: PieceIndex): number {
    return this.#priorities[piece] ?? 0;
  }

  #mayBegin(peer: Chooser, mostBuffers: number): boolean {
    if (this.#partialPieces.buffers >= mostBuffers) return false;
    return !peer.onParole || this.#partialPieces.exclusiveTo(peer.link) < parolePieces;
  }

  /** `null` where the buffers are taken, or the peer is on parole and busy. */
  #begin(peer: Chooser, piece: PieceIndex, mostBuffers: number): PartialPiece | null {
    if (!this.#mayBegin(peer, mostBuffers)) return null;
    this.#rarity.remove(piece);
    this.#lastStarted.set(peer.link, piece);
    const alone = this.#tainted.delete(piece) || peer.onParole;
    return this.#partialPieces.start(piece, this.#geometry.blockCount(piece), alone ? peer.link : null, peer.link);
  }

  /** A peer on parole may continue a begun piece that no peer works on. Without this a peer that returns could give nothing. */
  #adopted(peer: Chooser): Picked | null {
    if (!peer.onParole || this.#partialPieces.exclusiveTo(peer.link) >= parolePieces) return null;
    for (const piece of this.#partialPieces.open()) {
      if (piece.exclusiveTo !== null || !piece.isIdle || !peer.has(piece.piece)) continue;
      piece.exclusiveTo = peer.link;
      return pickedOf(peer, piece);
    }
    return null;
  }

  #choosePiece(peer: Chooser): PieceIndex {
    const fits = (piece: PieceIndex): boolean => peer.has(piece);
    const hint = this.#order === null ? this.#suggestedBy(peer) : -1;
    if (hint !== -1) return hint;
    if (peer.only !== null) return this.#anyOf(peer.only, fits);
    if (this.#order !== null) return this.#order.next(this.#rarity, fits);
    if (this.#have.count < this.#config.randomFirstPieces) return this.#rarity.any(fits);
    const rarest = this.#rarity.rarest(fits);
    return rarest === -1 ? -1 : this.#inExtent(peer, rarest);
  }

  /** The oldest suggestion that can be picked, or −1. It is kept until the piece is here: a peer may choke us before it gives it. */
  #suggestedBy(peer: Chooser): PieceIndex {
    const { suggested } = peer;
    while (suggested[0] !== undefined && this.#have.has(suggested[0])) suggested.shift();
    return suggested.find((piece) => this.#rarity.has(piece) && peer.has(piece)) ?? -1;
  }

  #anyOf(pieces: ReadonlySet<PieceIndex>, fits: (piece: PieceIndex) => boolean): PieceIndex {
    for (const piece of pieces) if (this.#rarity.has(piece) && fits(piece)) return piece;
    return -1;
  }

  /**
   * Among equally rare pieces the one that follows the last of the same source within its extent, else the first of another extent, because
   * the source reads ahead by extents and we write by them (libtorrent's piece_extent_affinity). In a crowd it would make pieces less
   * different: ten leeches took 1.33 × the bound with it and 1.25 × without.
   */
  #inExtent(peer: Chooser, rarest: PieceIndex): PieceIndex {
    const extentPieces = this.#extentPieces(peer);
    const next = (this.#lastStarted.get(peer.link) ?? -1) + 1;
    const begin = rarest - (rarest % extentPieces);
    const going = next % extentPieces === 0 ? null : this.#firstOf(peer, rarest, next, next - (next % extentPieces) + extentPieces);
    return going ?? this.#firstOf(peer, rarest, begin, rarest) ?? rarest;
  }

  /** The first piece from `begin` to `end` (not itself) that is as rare as `rarest` and to be had from this peer. */
  #firstOf(peer: Chooser, rarest: PieceIndex, begin: PieceIndex, end: PieceIndex): PieceIndex | null {
    const rank = this.#rarity.rankOf(rarest);
    for (let piece = begin; piece < Math.min(end, this.#geometry.pieceCount); piece++) {
      if (this.#rarity.has(piece) && this.#rarity.rankOf(piece) === rank && peer.has(piece)) return piece;
    }
    return null;
  }

  /**
   * Long with one source only, and so nobody to trade with yet; short with a few, where the source is quick enough to be asked for all of it
   * at once; one piece in a crowd.
   */
  #extentPieces({ pipeline }: Chooser): number {
    const { extentBytes, shortExtentBytes, fewSources } = this.#config;
    const sources = this.#lastStarted.size;
    const isQuick = pipeline.windowBlocks * blockBytes >= shortExtentBytes;
    const bytes = sources === 1 ? extentBytes : sources <= fewSources && isQuick ? shortExtentBytes : 0;
    return Math.max(1, Math.floor(bytes / this.#geometry.pieceLength));
  }
}
