import { PeerFault } from '../../../failure.ts';
import type { LinkId, Milliseconds } from '../../../ids.ts';
import { concatBytes } from '../../../bytes.ts';
import { localExtensionId } from '../../../wire/extensions/extension.ts';
import { metadataPieceCount, metadataPieceLength, type MetadataMessage, writeMetadataRequest } from '../../../wire/extensions/metadata.ts';
import { type Context, type Peer, send } from '../../peer/peer.ts';

/** Requests in flight a peer: 64 KiB, so that several peers share a large one. */
const windowPieces = 4;

/** Attempts that are asked for at once, smallest size first: a liar about a small size is found out soon, a large size costs memory. */
const mostAttempts = 8;

/** Sizes that failed with several givers. */
const mostSuspicious = 64;

interface Asked {
  readonly link: LinkId;
  readonly at: Milliseconds;
}

/** One claimed size. A piece is in exactly one state: missing, asked, here. */
interface Attempt {
  readonly bytes: number;
  /** Memory grows with what arrives, never with what is claimed. */
  readonly blocks: (Uint8Array | null)[];
  readonly givers: (LinkId | null)[];
  readonly asked: (Asked | null)[];
  /** The only peer that may give it: after a failure with several givers one peer gives it alone, so that a second one has a culprit. */
  readonly alone: LinkId | null;
}

/**
 * Fetching the info dictionary from peers (BEP 9). Peers may claim different sizes: each size has an attempt of its own, several are under
 * way at once, and an attempt ends with the last peer that claims its size. Whoever gave all of a metadata that fails its hash is blamed.
 */
export class MetadataFetch {
  readonly #context: Context;
  readonly #attempts = new Map<number, Attempt>();
  /** Attempts that are whole, in order; the first one is being verified. */
  readonly #verifying: Attempt[] = [];
  /** Sizes that failed with several givers. */
  readonly #suspicious = new Set<number>();
  readonly #refused = new Set<LinkId>();
  /** The peer that was asked before it had said a size, and when. */
  #early: Asked | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * Asks the first of our own peers together with the handshake, a round trip before it can have said its size and its number for ut_metadata,
   * which is ours. What does not exist is rejected.
   */
  askEarly(peer: Peer): void {
    if (this.#early !== null || this.#attempts.size > 0 || this.#verifying.length > 0) return;
    this.#early = { link: peer.link, at: this.#context.now };
    for (let piece = 0; piece < windowPieces; piece++) this.#request(peer, piece, localExtensionId.utMetadata);
  }

  /** Asks every peer that can give something. */
  fill(): void {
    if (this.#context.metadata !== null) return;
    const claimants = this.#claimants();
    for (const bytes of this.#attempts.keys()) if (!claimants.has(bytes)) this.#attempts.delete(bytes);
    for (const { bytes } of this.#verifying) claimants.delete(bytes);
    const sizes = [...claimants.keys()].toSorted((a, b) => a - b).slice(0, Math.max(0, mostAttempts - this.#verifying.length));
    for (const bytes of sizes) {
      const peers = claimants.get(bytes) ?? [];
      const attempt = this.#attemptOf(bytes, peers);
      for (const peer of peers) if (attempt.alone === null || attempt.alone === peer.link) this.#ask(attempt, peer);
    }
  }

  /** An answer that was not (or is no longer) asked of this peer is passed over: it may be late. @throws PeerFault `badMetadata` */
  receive(peer: Peer, message: MetadataMessage): void {
    if (message.type === 'reject' && this.#early?.link === peer.link) this.#early = null;
    const attempt = this.#attempts.get(peer.extensions.metadataBytes ?? 0);
    const asked = attempt?.asked[message.piece];
    if (attempt === undefined || asked?.link !== peer.link) return;
    if (message.type === 'reject') this.#refused.add(peer.link);
    if (message.type === 'reject' && attempt.alone === peer.link) this.#attempts.delete(attempt.bytes);
    peer.pipeline.answers.heard(this.#context.now - asked.at);
    attempt.asked[message.piece] = null;
    if (message.type === 'data') this.#store(attempt, peer, message.piece, message.block);
    this.fill();
  }

  /** The metadata is known: nothing more is asked for, and only who gave what is being verified is remembered. */
  learned(): void {
    this.#attempts.clear();
    this.#refused.clear();
    for (const attempt of this.#verifying.splice(0).slice(0, 1)) this.#verifying.push({ ...attempt, blocks: [] });
  }

  gone(link: LinkId): void {
    this.#refused.delete(link);
    if (this.#early?.link === link) this.#early = null;
    for (const { bytes, alone, asked } of this.#attempts.values()) {
      for (const [piece, request] of asked.entries()) if (request?.link === link) asked[piece] = null;
      if (alone === link) this.#attempts.delete(bytes);
    }
    this.fill();
  }

  tick(): void {
    const { now, config } = this.#context;
    for (const { bytes, alone, asked } of this.#attempts.values()) {
      for (const [piece, request] of asked.entries()) {
        if (request === null || now - request.at < config.metadataTimeoutMs) continue;
        asked[piece] = null;
        this.#refused.add(request.link);
        if (alone === request.link) this.#attempts.delete(bytes);
      }
    }
    // Every peer that could have given this size was too slow or said no: they are all asked again rather than nobody. Another size that
    // somebody claims may be a lie.
    const claimants = this.#claimants();
    for (const { link, extensions } of this.#context.peers.values())
      if (!claimants.has(extensions.metadataBytes ?? 0)) this.#refused.delete(link);
    this.fill();
  }

  /** The oldest metadata under verification failed its hash: the links to blame, though they may be gone. */
  failed(): readonly LinkId[] {
    const failed = this.#verifying.shift();
    const givers = [...new Set(failed?.givers)].filter((giver) => giver !== null);
    if (failed !== undefined && givers.length > 1) this.#suspect(failed.bytes);
    this.#verifyNext();
    return givers.length === 1 ? givers : [];
  }

  /** Next time one peer gives all of it. A forgotten size fails once more with several givers, and is remembered again. */
  #suspect(bytes: number): void {
    this.#suspicious.add(bytes);
    if (this.#suspicious.size <= mostSuspicious) return;
    for (const oldest of this.#suspicious) {
      this.#suspicious.delete(oldest);
      return;
    }
  }

  /** Peers that can give something, by the size that they claim. */
  #claimants(): Map<number, Peer[]> {
    const claimants = new Map<number, Peer[]>();
    for (const peer of this.#context.peers.values()) {
      const { utMetadata, metadataBytes } = peer.extensions;
      if (utMetadata === 0 || metadataBytes === null || this.#refused.has(peer.link)) continue;
      const same = claimants.get(metadataBytes) ?? [];
      same.push(peer);
      claimants.set(metadataBytes, same);
    }
    return claimants;
  }

  #attemptOf(bytes: number, [first]: readonly Peer[]): Attempt {
    const running = this.#attempts.get(bytes);
    if (running !== undefined) return running;
    const pieces = metadataPieceCount(bytes);
    const none = (): null => null;
    const attempt: Attempt = {
      bytes,
      blocks: Array.from({ length: pieces }, none),
      givers: Array.from({ length: pieces }, none),
      asked: Array.from({ length: pieces }, none),
      alone: this.#suspicious.has(bytes) ? (first?.link ?? null) : null,
    };
    this.#attempts.set(bytes, attempt);
    return attempt;
  }

  #ask({ blocks, asked }: Attempt, peer: Peer): void {
    const early = this.#early?.link === peer.link ? this.#early : null;
    if (early !== null) this.#early = null;
    let room = windowPieces - asked.filter((request) => request?.link === peer.link).length;
    for (let piece = 0; piece < blocks.length && room > 0; piece++) {
      if (blocks[piece] !== null || asked[piece] !== null) continue;
      const wasAsked = early !== null && piece < windowPieces;
      asked[piece] = wasAsked ? early : { link: peer.link, at: this.#context.now };
      if (!wasAsked) this.#request(peer, piece, peer.extensions.utMetadata);
      room--;
    }
  }

  #request(peer: Peer, piece: number, id: number): void {
    send(this.#context, peer, { type: 'extended', id, payload: writeMetadataRequest(piece) });
  }

  #store(attempt: Attempt, peer: Peer, piece: number, block: Uint8Array): void {
    if (block.length !== metadataPieceLength(piece, attempt.bytes)) throw new PeerFault('badMetadata', 'not the piece that was asked');
    attempt.blocks[piece] = block.slice();
    attempt.givers[piece] = peer.link;
    if (attempt.blocks.includes(null)) return;
    this.#attempts.delete(attempt.bytes);
    this.#verifying.push(attempt);
    if (this.#verifying.length === 1) this.#verifyNext();
  }

  #verifyNext(): void {
    const [next] = this.#verifying;
    if (next === undefined) return;
    const bytes = concatBytes(next.blocks.filter((block) => block !== null));
    this.#context.out.push({ kind: 'verifyMetadata', bytes });
  }
}
