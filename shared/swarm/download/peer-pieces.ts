import { assert } from '../../assert.ts';
import { PeerFault } from '../../failure.ts';
import type { LinkId, PieceIndex } from '../../ids.ts';
import { maxPieces } from '../../limits.ts';
import type { Availability } from './pick/availability.ts';
import { Bitfield } from '../lib/bitfield.ts';
import type { Metadata, EarlyField, Peer } from '../peer/peer.ts';
import type { Picker } from './pick/picker.ts';

/**
 * Which peer has which piece: bitfields, the availability of pieces, and how many useful pieces each peer has. What peers say before the
 * metadata is known is kept and applied later.
 *
 * Invariant: a peer is counted in one of two ways, chosen when it says what it has and kept while it is connected: piece by piece, or as a
 * complete peer with every piece that it lacks taken off again. So HAVE and lt_donthave change one count each, whatever the peer has.
 */
export class PeerPieces {
  readonly #metadata: Metadata;
  readonly #availability: Availability;
  readonly #picker: Picker;
  readonly #lost: (piece: PieceIndex, link: LinkId) => void;

  /** `lost`: a peer takes back that it has the piece. One that is kept for that peer alone would be asked of nobody any more. */
  constructor(metadata: Metadata, availability: Availability, picker: Picker, lost: (piece: PieceIndex, link: LinkId) => void) {
    this.#metadata = metadata;
    this.#availability = availability;
    this.#picker = picker;
    this.#lost = lost;
  }

  /** Applies what the peer said before the metadata was known. @throws PeerFault */
  admit(peer: Peer): void {
    const pieceCount = this.#metadata.geometry.pieceCount;
    peer.decoder.setPieceCount(pieceCount);
    peer.have = new Bitfield(pieceCount);
    if (peer.earlyField !== null) this.field(peer, peer.earlyField);
    const { earlyHaves, earlyLost } = peer;
    peer.earlyField = null;
    peer.earlyHaves = null;
    peer.earlyLost = null;
    this.#applyEarly(earlyHaves, (piece) => this.have(peer, piece));
    this.#applyEarly(earlyLost, (piece) => this.dontHave(peer, piece));
  }

  #applyEarly(early: Bitfield | null, apply: (piece: PieceIndex) => void): void {
    if (early === null) return;
    let valid = 0;
    for (let piece = 0; piece < this.#metadata.geometry.pieceCount; piece++) {
      if (!early.has(piece)) continue;
      apply(piece);
      valid++;
    }
    if (valid < early.count) throw new PeerFault('badIndex', 'before the metadata');
  }

  /** @throws PeerFault `badBitfield` */
  field(peer: Peer, field: EarlyField): void {
    if (field.type === 'haveNone') return;
    const { pieceCount } = this.#metadata.geometry;
    const said = field.type === 'haveAll' ? Bitfield.full(pieceCount) : Bitfield.fromPeer(pieceCount, field.bits);
    const before = this.#fieldOf(peer);
    this.forget(peer);
    peer.have = said;
    this.#count(peer, 1);
    this.recount(peer);
    if (before.count > 0)
      for (let piece = 0; piece < pieceCount; piece++) if (before.has(piece) && !said.has(piece)) this.#lost(piece, peer.link);
  }

  /** @throws PeerFault `badIndex` */
  have(peer: Peer, piece: PieceIndex): void {
    this.#check(piece);
    if (!this.#fieldOf(peer).set(piece)) return;
    this.#change(piece, 1);
    if (this.#isUseful(piece)) peer.usefulPieces++;
  }

  /** BEP 54. @throws PeerFault `badIndex` */
  dontHave(peer: Peer, piece: PieceIndex): void {
    this.#check(piece);
    if (!this.#fieldOf(peer).clear(piece)) return;
    this.#change(piece, -1);
    if (this.#isUseful(piece)) peer.usefulPieces--;
    this.#lost(piece, peer.link);
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

  /** The cheaper way for what the peer has now: at most half of the pieces are walked. */
  #count(peer: Peer, by: 1 | -1): void {
    const have = this.#fieldOf(peer);
    if (by === 1) peer.countsAsComplete = 2 * have.count > have.size;
    const { countsAsComplete } = peer;
    if (countsAsComplete && by === 1) this.#availability.addComplete();
    if (countsAsComplete && by === -1) this.#availability.removeComplete();
    if (have.count === (countsAsComplete ? have.size : 0)) return;
    for (let piece = 0; piece < have.size; piece++) {
      if (have.has(piece) === countsAsComplete) continue;
      this.#change(piece, countsAsComplete === (by === 1) ? -1 : 1);
    }
  }

  #change(piece: PieceIndex, by: 1 | -1): void {
    if (by === 1) this.#availability.add(piece);
    else this.#availability.remove(piece);
    this.#picker.shift(piece, by);
  }

  #fieldOf(peer: Peer): Bitfield {
    assert(peer.have !== null, 'a peer that is counted has a bitfield');
    return peer.have;
  }
}

/** Most torrents have fewer pieces: 1 KiB. */
const leastEarlyPieces = 8192;

/** Keeps what a peer says for {@link PeerPieces.admit}, in no more memory than a BITFIELD of the same pieces would take twice. @throws PeerFault */
export function keepEarlyHave(peer: Peer, piece: PieceIndex): void {
  peer.earlyHaves = withPiece(peer.earlyHaves, piece);
  peer.earlyLost?.clear(piece);
}

/** The same of lt_donthave (BEP 54). @throws PeerFault */
export function keepEarlyLoss(peer: Peer, piece: PieceIndex): void {
  peer.earlyLost = withPiece(peer.earlyLost, piece);
  peer.earlyHaves?.clear(piece);
}

function withPiece(known: Bitfield | null, piece: PieceIndex): Bitfield {
  if (piece >= maxPieces) throw new PeerFault('badIndex', `piece ${piece}`);
  let size = known?.size ?? leastEarlyPieces;
  while (size <= piece) size *= 2;
  const field = size === known?.size ? known : grown(known, size);
  field.set(piece);
  return field;
}

function grown(known: Bitfield | null, size: number): Bitfield {
  const bytes = new Uint8Array(size / 8);
  if (known !== null) bytes.set(known.bytes);
  return Bitfield.of(size, bytes);
}
