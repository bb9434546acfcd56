import { PeerFault } from '../../failure.ts';
import type { LinkId, Milliseconds } from '../../ids.ts';
import type { MetadataMessage } from '../../wire/extensions/metadata.ts';
import { metadataPieceCount, metadataPieceLength, writeMetadataRequest } from '../../wire/extensions/metadata.ts';
import { metadataPieceBytes } from '../../limits.ts';
import { type Context, type Peer, send } from '../peer/peer.ts';

/** Requests in flight a peer: 64 KiB, so that several peers share a large one. */
const windowPieces = 4;

interface Asked {
  readonly link: LinkId;
  readonly at: Milliseconds;
}

/**
 * Fetching the info dictionary from peers (BEP 9). Peers may claim different sizes: one attempt has one size, that of the first peer that
 * can give it, and one buffer. A piece of it is in exactly one of: missing, asked, here. Whoever gave all of a metadata that fails its
 * hash is blamed; with several givers the next attempt asks one peer alone.
 */
export class MetadataFetch {
  readonly #context: Context;
  #buffer: Uint8Array<ArrayBuffer> | null = null;
  #givers: (LinkId | null)[] = [];
  #asked: (Asked | null)[] = [];
  /** The only peer that may give the present attempt. */
  #alone: LinkId | null = null;
  #isSuspicious = false;
  #isVerifying = false;
  readonly #refused = new Set<LinkId>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Asks whoever can give something. */
  fill(): void {
    if (this.#isVerifying) return;
    for (const peer of this.#context.peers.values()) if (this.#canGive(peer)) this.#ask(peer);
  }

  /** An answer that was not (or no longer) asked of this peer is passed over: it may be late. @throws PeerFault `badMetadata` */
  receive(peer: Peer, message: MetadataMessage): void {
    if (message.type === 'reject') this.#refused.add(peer.link);
    const asked = this.#asked[message.piece] ?? null;
    if (asked?.link !== peer.link) return;
    this.#asked[message.piece] = null;
    if (message.type === 'data') this.#store(peer, message.piece, message.block);
    this.fill();
  }

  gone(link: LinkId): void {
    this.#refused.delete(link);
    for (const [piece, asked] of this.#asked.entries()) if (asked?.link === link) this.#asked[piece] = null;
    if (this.#alone === link) this.#restart();
    this.fill();
  }

  tick(): void {
    for (const [piece, asked] of this.#asked.entries()) {
      if (asked === null || this.#context.now - asked.at < this.#context.config.metadataTimeoutMs) continue;
      this.#asked[piece] = null;
      this.#refused.add(asked.link);
      if (this.#alone === asked.link) this.#restart();
    }
    // Everyone who could have given it was too slow or said no: ask them all again rather than nobody.
    if (this.#asked.every((asked) => asked === null)) this.#refused.clear();
    this.fill();
  }

  /** The metadata failed its hash: the links to blame. */
  failed(): readonly LinkId[] {
    const givers = [...new Set(this.#givers)].filter((giver) => giver !== null);
    this.#isSuspicious = true;
    this.#restart();
    return givers.length === 1 ? givers : [];
  }

  #canGive(peer: Peer): boolean {
    const { utMetadata, metadataBytes } = peer.extensions;
    if (utMetadata === 0 || metadataBytes === null || this.#refused.has(peer.link)) return false;
    if (this.#buffer === null) this.#begin(peer, metadataBytes);
    return metadataBytes === this.#buffer?.length && (this.#alone === null || this.#alone === peer.link);
  }

  #begin(peer: Peer, bytes: number): void {
    const pieces = metadataPieceCount(bytes);
    this.#buffer = new Uint8Array(bytes);
    this.#givers = Array.from({ length: pieces }, () => null);
    this.#asked = Array.from({ length: pieces }, () => null);
    this.#alone = this.#isSuspicious ? peer.link : null;
  }

  #restart(): void {
    this.#buffer = null;
    this.#alone = null;
    this.#givers = [];
    this.#asked = [];
    this.#isVerifying = false;
  }

  #ask(peer: Peer): void {
    let room = windowPieces - this.#asked.filter((asked) => asked?.link === peer.link).length;
    for (let piece = 0; piece < this.#givers.length && room > 0; piece++) {
      if (this.#givers[piece] !== null || this.#asked[piece] !== null) continue;
      this.#asked[piece] = { link: peer.link, at: this.#context.now };
      send(this.#context, peer, { type: 'extended', id: peer.extensions.utMetadata, payload: writeMetadataRequest(piece) });
      room--;
    }
  }

  #store(peer: Peer, piece: number, block: Uint8Array): void {
    const buffer = this.#buffer;
    if (buffer === null || block.length !== metadataPieceLength(piece, buffer.length))
      throw new PeerFault('badMetadata', 'not the piece that was asked');
    buffer.set(block, piece * metadataPieceBytes);
    this.#givers[piece] = peer.link;
    if (this.#givers.includes(null)) return;
    this.#isVerifying = true;
    this.#context.out.push({ kind: 'verifyMetadata', bytes: buffer });
  }
}
