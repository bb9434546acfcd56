import { PeerFault } from '../../failure.ts';
import type { PieceIndex } from '../../ids.ts';
import { maxPieces } from '../../limits.ts';
import type { Availability } from './availability.ts';
import { Bitfield } from '../lib/bitfield.ts';
import type { Metadata, EarlyField, Peer } from '../peer/peer.ts';
import type { Picker } from './picker.ts';

/** HAVEs kept for a peer while we have no metadata: a few seconds of a fast download. */
const mostEarlyHaves = 10_000;

/**
 * Which peer has which piece: bitfields, the availability of pieces, and how many useful pieces each peer has. What peers say before the
 * metadata is known is kept and applied later.
 *
 * Invariant: a complete peer counts in `availability` as complete; every bit of another counts once for its piece, and in the picker.
 */
export class PeerPieces {
  readonly #metadata: Metadata;
  readonly #availability: Availability;
  readonly #picker: Picker;

  constructor(metadata: Metadata, availability: Availability, picker: Picker) {
    this.#metadata = metadata;
    this.#availability = availability;
    this.#picker = picker;
  }

  /** Applies what the peer said before the metadata was known. @throws PeerFault */
  admit(peer: Peer): void {
    const pieceCount = this.#metadata.geometry.pieceCount;
    peer.decoder.setPieceCount(pieceCount);
    peer.have = new Bitfield(pieceCount);
    if (peer.earlyField !== null) this.field(peer, peer.earlyField);
    for (const piece of peer.earlyHaves.splice(0)) this.have(peer, piece);
    peer.earlyField = null;
  }

  /** @throws PeerFault `badBitfield` */
  field(peer: Peer, field: EarlyField): void {
    if (field.type === 'haveNone') return;
    const { pieceCount } = this.#metadata.geometry;
    const said = field.type === 'haveAll' ? Bitfield.full(pieceCount) : Bitfield.fromPeer(pieceCount, field.bits);
    this.forget(peer);
    peer.have = said;
    this.#count(peer, 1);
    this.recount(peer);
  }

  /** @throws PeerFault `badIndex` */
  have(peer: Peer, piece: PieceIndex): void {
    this.#check(piece);
    const have = peer.have!;
    if (!have.set(piece)) return;
    if (have.isFull) {
      have.clear(piece);
      this.#count(peer, -1);
      have.set(piece);
      this.#availability.addComplete();
    } else {
      this.#availability.add(piece);
      this.#picker.shift(piece, 1);
    }
    if (this.#isUseful(piece)) peer.usefulPieces++;
  }

  /** BEP 54. @throws PeerFault `badIndex` */
  dontHave(peer: Peer, piece: PieceIndex): void {
    this.#check(piece);
    const have = peer.have!;
    if (!have.has(piece)) return;
    this.#count(peer, -1);
    have.clear(piece);
    this.#count(peer, 1);
    if (this.#isUseful(piece)) peer.usefulPieces--;
  }

  /** The peer leaves, or sends a new bitfield. */
  forget(peer: Peer): void {
    this.#count(peer, -1);
    peer.have = new Bitfield(this.#metadata.geometry.pieceCount);
    peer.usefulPieces = 0;
  }

  /** After a change of what is wanted. */
  recount(peer: Peer): void {
    let useful = 0;
    for (let piece = 0; piece < this.#metadata.geometry.pieceCount; piece++) if (peer.has(piece) && this.#isUseful(piece)) useful++;
    peer.usefulPieces = useful;
  }

  #check(piece: PieceIndex): void {
    if (piece >= this.#metadata.geometry.pieceCount) throw new PeerFault('badIndex', `piece ${piece}`);
  }

  #isUseful(piece: PieceIndex): boolean {
    return !this.#metadata.have.has(piece) && this.#picker.isWanted(piece);
  }

  #count(peer: Peer, by: 1 | -1): void {
    const have = peer.have!;
    if (have.isFull) {
      if (by === 1) this.#availability.addComplete();
      else this.#availability.removeComplete();
      return;
    }
    if (have.count === 0) return;
    for (let piece = 0; piece < have.size; piece++) {
      if (!have.has(piece)) continue;
      if (by === 1) this.#availability.add(piece);
      else this.#availability.remove(piece);
      this.#picker.shift(piece, by);
    }
  }
}

/** Keeps what a peer says for {@link PeerPieces.admit}. @throws PeerFault */
export function keepEarlyHave(peer: Peer, piece: PieceIndex): void {
  if (piece >= maxPieces) throw new PeerFault('badIndex', `piece ${piece}`);
  if (peer.earlyHaves.length >= mostEarlyHaves) throw new PeerFault('messageFlood', 'haves before metadata');
  peer.earlyHaves.push(piece);
}
