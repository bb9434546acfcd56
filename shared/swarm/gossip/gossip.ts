import type { Milliseconds, PieceIndex } from '../../ids.ts';
import { readGossip, writeGossip } from '../../wire/extensions/gossip.ts';
import { blockBytes } from '../../limits.ts';
import { shuffle } from '../../random.ts';
import { hasRate } from '../bandwidth/bandwidth-limit.ts';
import { type Context, type Metadata, type Peer, send } from '../peer/peer.ts';
import { GossipLink, mostPushedBlocks } from './gossip-link.ts';

/** Takes pushed pieces. */
interface PushedPieces {
  beginPushed(peer: Peer, piece: PieceIndex): boolean;
  isComing(piece: PieceIndex): boolean;
}

/** Sends pieces that nobody requested. */
interface Pusher {
  whenIdle: (peer: Peer) => void;
  push(peer: Peer, metadata: Metadata, piece: PieceIndex): void;
  refused(peer: Peer, piece: PieceIndex): void;
}

/** A peer is welcome to push so many pieces at once: the next is on its way while one is verified. */
const welcomePieces = 2;
/** All peers together: the more come at once, the more of them bring the same piece. */
const mostIncoming = 6;
/** Peers that we push to at once, as in an earlier gossip file sharer. */
const fanout = 3;
/** Pieces looked at for one that a peer lacks, from a random place on. */
const mostLooked = 4096;
/** `push`: after so long without a pushed block the rest is requested, as of peers that do not push. */
const pushPatienceMs: Milliseconds = 5000;

/**
 * Dissemination by gossip (`SwarmConfig.dissemination`). A peer that still lacks pieces welcomes pushes; a peer that has pieces pushes random
 * ones, unasked, to whoever welcomes them. Each welcome is for one piece and is renewed when that piece is here, so nobody can be sent more
 * than two pieces that nobody requested, and unwelcome blocks stay a fault. Pulls are plain requests for random pieces.
 */
export class Gossip {
  readonly #context: Context;
  readonly #uploader: Pusher;
  readonly #links = new WeakMap<Peer, GossipLink>();
  /** When a pushed block came last, or the first peer that pushes was met. */
  #pushedAt: Milliseconds | null = null;

  constructor(context: Context, uploader: Pusher) {
    this.#context = context;
    this.#uploader = uploader;
    if (this.isPushing) uploader.whenIdle = (peer) => this.#idle(peer);
  }

  /** We push, and are pushed at. */
  get isPushing(): boolean {
    const { dissemination } = this.#context.config;
    return dissemination === 'push' || dissemination === 'push-pull';
  }

  /** The peer's extended handshake is here, or our metadata. */
  met(peer: Peer): void {
    if (!this.#speaks(peer) || this.#context.metadata === null) return;
    this.#pushedAt ??= this.#context.now;
    this.#welcome(peer);
  }

  /** @throws PeerFault `badLength` */
  onMessage(peer: Peer, payload: Uint8Array): void {
    const message = readGossip(payload);
    if (message === null || !this.#speaks(peer)) return;
    if (message.type === 'refuse') return this.#uploader.refused(peer, message.piece);
    this.#linkOf(peer).welcomed(message.pieces);
    this.#push(peer);
  }

  /** Pieces may be requested of this peer: always, except where it should push them. */
  mayRequest(peer: Peer): boolean {
    if (this.#context.config.dissemination !== 'push' || !this.#speaks(peer) || this.#isLimited) return true;
    return this.#pushedAt !== null && this.#context.now - this.#pushedAt >= pushPatienceMs;
  }

  /** A block that we did not request: true where the peer was welcome to push its piece, which counts as requested of it from now on. */
  takes(peer: Peer, piece: PieceIndex, downloader: PushedPieces): boolean {
    if (!this.isPushing || !this.#linkOf(peer).take()) return false;
    this.#pushedAt = this.#context.now;
    const isUseful = downloader.beginPushed(peer, piece);
    this.#linkOf(peer).took(piece, isUseful);
    if (!isUseful) this.#say(peer, { type: 'refuse', piece });
    return true;
  }

  /** A piece is here: whoever pushed it may push another, and it may be pushed on. */
  verified(piece: PieceIndex): void {
    if (!this.isPushing) return;
    for (const peer of this.#context.peers.values()) {
      if (this.#links.get(peer)?.ended(piece) === true) this.#welcome(peer);
    }
    this.#pushAll();
  }

  /** Once a second: renews the welcome of a peer whose pushes brought nothing or were given up, and goes on pushing to it. */
  tick(peer: Peer, downloader: PushedPieces): void {
    if (!this.#speaks(peer)) return;
    this.#linkOf(peer).forget((piece) => !downloader.isComing(piece), this.#context.now);
    this.#welcome(peer);
    this.#push(peer);
  }

  #idle(peer: Peer): void {
    peer.requests.forgetPushed();
    this.#links.get(peer)?.idle();
    this.#pushAll();
  }

  /** In random order, or the oldest links would be pushed to first. */
  #pushAll(): void {
    const open = [...this.#context.peers.values()].filter((peer) => this.#links.get(peer)?.isOpen === true);
    for (const peer of shuffle(open, this.#context.random)) this.#push(peer);
  }

  /** Only requests wait for their turn under a download limit: what is pushed comes as its sender likes. */
  get #isLimited(): boolean {
    return hasRate(this.#context.limits.down);
  }

  #speaks(peer: Peer): boolean {
    return this.isPushing && peer.extensions.gossip !== 0;
  }

  #welcome(peer: Peer): void {
    const { metadata, now } = this.#context;
    // A peer without a piece for us would keep its welcome from those that have some.
    if (metadata === null || metadata.have.isFull || peer.usefulPieces === 0 || this.#isLimited) return;
    const link = this.#linkOf(peer);
    const pieces = link.renew(Math.min(welcomePieces, link.incoming(now) + mostIncoming - this.#incoming()), now);
    if (pieces > 0) this.#say(peer, { type: 'welcome', pieces });
  }

  /** Pieces that peers push to us or are welcome to push. */
  #incoming(): number {
    let pieces = 0;
    for (const peer of this.#context.peers.values()) {
      if (peer.usefulPieces > 0) pieces += this.#links.get(peer)?.incoming(this.#context.now) ?? 0;
    }
    return pieces;
  }

  #say(peer: Peer, message: Parameters<typeof writeGossip>[0]): void {
    const id = peer.extensions.gossip;
    if (id !== 0) send(this.#context, peer, { type: 'extended', id, payload: writeGossip(message) });
  }

  /** Pushes as many pieces as this peer welcomes, unless enough others are pushed to. */
  #push(peer: Peer): void {
    const { metadata } = this.#context;
    const link = this.#linkOf(peer);
    if (metadata === null || metadata.geometry.pieceLength > mostPushedBlocks * blockBytes) return;
    while (link.isOpen && !peer.isComplete && (link.isPushing || this.#pushingLinks() < fanout)) {
      const piece = this.#pieceFor(peer, link);
      if (piece === -1) return;
      link.pushed(piece);
      this.#uploader.push(peer, metadata, piece);
    }
  }

  #pushingLinks(): number {
    let count = 0;
    for (const peer of this.#context.peers.values()) if (this.#links.get(peer)?.isPushing === true) count++;
    return count;
  }

  /** A random piece of ours that the peer lacks and was not pushed before, −1: none seen. */
  #pieceFor(peer: Peer, link: GossipLink): PieceIndex {
    const { metadata, random } = this.#context;
    if (metadata === null || !link.isWorthLooking(metadata.have.count)) return -1;
    const { have } = metadata;
    const from = random.below(have.size);
    for (let i = 0; i < Math.min(mostLooked, have.size); i++) {
      const piece = (from + i) % have.size;
      if (have.has(piece) && !peer.has(piece) && !link.hasPushed(piece)) return piece;
    }
    link.sawNothing(have.count);
    return -1;
  }

  #linkOf(peer: Peer): GossipLink {
    const known = this.#links.get(peer);
    if (known !== undefined) return known;
    const link = new GossipLink();
    this.#links.set(peer, link);
    return link;
  }
}
