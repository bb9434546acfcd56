import { assert } from '../../assert.ts';
import { equalBytes } from '../../bytes.ts';
import type { CloseCode } from '../../failure.ts';
import type { LinkId, Milliseconds, PeerId, PieceIndex } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import type { Random } from '../../random.ts';
import type { Effect, Event } from '../../swarm/events.ts';
import { Torrent } from '../../swarm/torrent.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import type { BlockRef, WireMessage } from '../../wire/messages.ts';
import type { Task } from '../core/event-queue.ts';
import { ByteStream } from '../core/byte-stream.ts';
import { Disk } from './disk.ts';
import { Fifo } from '../core/fifo.ts';
import { Downlink, Uplink } from './link.ts';
import type { LinkEnd, LinkOwner } from './link.ts';
import type { NodeConfig } from './node-config.ts';
import type { NodeEnv } from './node-env.ts';
import type { ObservedNode } from './observer.ts';

/** A peer of the simulated swarm: the real `Torrent`, and a host that performs its effects on the virtual network and disk. */
export class Node implements LinkOwner, ObservedNode, Task {
  readonly index: number;
  readonly config: NodeConfig;
  readonly uplink: Uplink;
  readonly downlink: Downlink;
  readonly disk: Disk;
  readonly ends = new Map<LinkId, LinkEnd>();
  readonly banned = new Map<PeerId, CloseCode>();
  torrent: Torrent;
  alive = false;
  /** Grows with each return, so that answers for an earlier life are dropped. */
  life = 0;
  joinedAt: Milliseconds | null = null;
  completedAt: Milliseconds | null = null;
  downBytes = 0;
  upBytes = 0;
  failedPieces = 0;
  readonly #env: NodeEnv;
  readonly #random: Random;
  readonly #events = new Fifo<Event>();
  readonly #endsToFlush: LinkEnd[] = [];
  readonly #streams = new Map<LinkId, ByteStream>();
  readonly #out: Effect[] = [];
  #stepping = false;
  #wakeAt: Milliseconds = Infinity;

  constructor(index: number, config: NodeConfig, env: NodeEnv, random: Random) {
    this.index = index;
    this.config = config;
    this.#env = env;
    this.#random = random;
    this.uplink = new Uplink(env.queue, config.up);
    this.downlink = new Downlink(config.down);
    this.disk = new Disk(env.geometry, env.content, config.capacityPieces);
    this.torrent = this.#newTorrent();
    if (config.isSeed) this.disk.fill(Array(env.geometry.pieceCount).keys());
  }

  /** Starts, or restarts with the pieces that are stored. */
  join(): void {
    assert(!this.alive, 'a node joins once per life');
    this.alive = true;
    this.joinedAt ??= this.#now;
    if (this.life++ > 0) this.torrent = this.#newTorrent();
    for (const observer of this.#env.observers) observer.joined?.(this);
    if (this.#env.webSeed !== null) this.feed({ kind: 'webSeeds', count: 1, policy: 'gaps' });
    this.feed({ kind: 'resume' });
    if (!this.config.byMagnet || this.disk.storedCount > 0) this.#learnMetadata();
  }

  /** The tab is gone. The mesh closes its links. */
  die(): void {
    this.alive = false;
    this.disk.forgetBuffers();
    this.#streams.clear();
    this.#events.clear();
    this.#wakeAt = Infinity;
  }

  opened(end: LinkEnd): void {
    this.ends.set(end.link, end);
    if (this.#env.asBytes) this.#streams.set(end.link, new ByteStream(this.#env.queue, this.#random));
    for (const observer of this.#env.observers) observer.opened?.(this, end);
    this.feed({ kind: 'linkOpened', link: end.link, initiator: end.initiator, introducedId: end.other.owner.peerId });
  }

  /** The peer or the network closed the link. */
  closed(end: LinkEnd): void {
    this.#forget(end);
    if (this.alive) this.feed({ kind: 'linkClosed', link: end.link });
  }

  arrived(end: LinkEnd, messages: readonly WireMessage[], payloadBytes: number): void {
    this.downBytes += payloadBytes;
    const stream = this.#streams.get(end.link);
    if (stream !== undefined) return stream.arrived(messages, (bytes, whole) => this.#takeBytes(end, bytes, whole));
    for (const message of messages) this.#takeMessage(end, message);
    this.#settle();
  }

  drained(end: LinkEnd, bytes: number): void {
    this.upBytes += bytes;
    this.feed({ kind: 'drained', link: end.link, bytes });
  }

  /** Queues an event. The torrent takes it at once unless effects are being performed. */
  feed(event: Event): void {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#drain();
    this.#settle();
  }

  /** Runs at `wakeAt()`, which may have moved since. */
  run(): void {
    if (!this.alive || this.#now !== this.#wakeAt) return;
    this.#wakeAt = Infinity;
    if (this.torrent.wakeAt() <= this.#now) this.feed({ kind: 'tick' });
    else this.#scheduleWake();
  }

  get geometry(): Geometry {
    return this.#env.geometry;
  }

  get peerId(): PeerId {
    return this.config.identity.peerId;
  }

  get isHonest(): boolean {
    return this.config.isHonest;
  }

  get #now(): Milliseconds {
    return this.#env.queue.now;
  }

  #newTorrent(): Torrent {
    return new Torrent(this.config.identity, this.#random, this.config.swarm);
  }

  #takeMessage(end: LinkEnd, message: WireMessage): void {
    if (!end.open) return;
    this.#env.trace.delivered(this.#now, end.link, message);
    for (const observer of this.#env.observers) observer.delivered?.(this, end, message);
    this.#events.push({ kind: 'message', link: end.link, message });
    this.#drain();
  }

  #takeBytes(end: LinkEnd, bytes: Uint8Array, whole: readonly WireMessage[]): void {
    if (!end.open) return;
    for (const message of whole) {
      this.#env.trace.delivered(this.#now, end.link, message);
      for (const observer of this.#env.observers) observer.delivered?.(this, end, message);
    }
    this.feed({ kind: 'bytes', link: end.link, bytes });
  }

  #drain(): void {
    if (!this.alive) return;
    this.#stepping = true;
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
      this.torrent.step(this.#now, event, this.#out);
      for (const effect of this.#out) this.#perform(effect);
      if (this.#out.length > 0) this.#out.length = 0;
    }
    this.#stepping = false;
  }

  /** Ends a turn: everything sent during it leaves together. */
  #settle(): void {
    for (const end of this.#endsToFlush) if (end.open) this.uplink.flush(end);
    this.#endsToFlush.length = 0;
    for (const observer of this.#env.observers) observer.settled?.(this);
    this.#scheduleWake();
  }

  #scheduleWake(): void {
    const wakeAt = Math.max(this.torrent.wakeAt(), this.#now);
    if (wakeAt >= this.#wakeAt) return;
    this.#wakeAt = wakeAt;
    this.#env.queue.add(wakeAt, this);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'connections':
      case 'connectionSignal':
        // A simulated link is one connection.
        return;
      case 'send':
        return this.#send(effect.link, effect.message);
      case 'sendBlock':
        return this.#serve(effect.link, effect);
      case 'sendMetadata':
        this.#send(effect.link, effect.message);
        return this.feed({ kind: 'drained', link: effect.link, bytes: effect.bytes });
      case 'close':
        return this.#close(effect.link);
      case 'receipt':
        return;
      case 'ban':
        this.banned.set(effect.peerId, effect.code);
        return;
      case 'write':
        return this.#write(effect);
      case 'verify':
        return this.#verify(effect.piece);
      case 'discard':
        this.disk.discard(effect.piece);
        for (const observer of this.#env.observers) observer.discarded?.(this, effect.piece);
        return;
      case 'verifyMetadata':
        if (equalBytes(effect.bytes, this.#env.infoBytes)) return this.#learnMetadata();
        return this.feed({ kind: 'metadataBad' });
      case 'fetch':
        return this.#fetch(effect.piece);
      case 'fetchMetadata':
        return this.#learnMetadata();
      case 'stopFetches':
        throw new Error('no scenario pauses a peer that has web seeds');
      case 'completed':
        assert(!effect.all || this.disk.isComplete, `${this.config.name} reports completion without every piece`);
        return;
    }
  }

  #learnMetadata(): void {
    const { geometry, infoBytes } = this.#env;
    this.feed({ kind: 'metadata', geometry, infoBytes, have: this.disk.bitfield() });
    this.feed({ kind: 'want', priorities: new Uint8Array(geometry.pieceCount).fill(1) });
  }

  #send(link: LinkId, original: WireMessage): void {
    const end = this.ends.get(link);
    const message = this.config.strategy.message(original);
    if (end === undefined || message === null) return;
    for (const observer of this.#env.observers) observer.sent?.(this, end, message);
    end.control.push(message);
    this.#endsToFlush.push(end);
  }

  #serve(link: LinkId, block: BlockRef & { readonly readBytes: number }): void {
    if (block.readBytes > 0) this.feed({ kind: 'readDone', link, bytes: block.readBytes });
    const end = this.ends.get(link);
    if (end === undefined) return;
    for (const observer of this.#env.observers) observer.served?.(this, end, block);
    const { piece, begin, length } = block;
    const action = this.config.strategy.block(block);
    if (action === 'reject') this.#send(link, { type: 'reject', piece, begin, length });
    if (action === 'reject' || action === 'withhold') return this.feed({ kind: 'drained', link, bytes: length });
    end.blocks.push({ type: 'piece', piece, begin, block: this.#env.content[action](piece, begin, length) });
    this.#endsToFlush.push(end);
  }

  #close(link: LinkId): void {
    const end = this.ends.get(link);
    if (end === undefined) return;
    this.#forget(end);
    this.#env.closedByNode(end);
  }

  #forget(end: LinkEnd): void {
    end.close();
    this.ends.delete(end.link);
    this.#streams.delete(end.link);
    for (const observer of this.#env.observers) observer.closed?.(this, end);
  }

  #fetch(piece: PieceIndex): void {
    const life = this.life;
    for (const observer of this.#env.observers) observer.fetching?.(this, piece);
    this.#env.webSeed!.fetch(piece, (bytes) => {
      if (life !== this.life || !this.alive) return;
      this.downBytes += bytes.length;
      this.feed({ kind: 'fetched', source: 0, piece, bytes });
    });
  }

  /** A write from a web seed is a whole piece. The disk keeps blocks. */
  #write({ link, piece, begin, block }: Extract<Effect, { kind: 'write' }>): void {
    for (let at = 0; at < block.length; at += blockBytes) {
      this.disk.write(piece, begin + at, block.subarray(at, at + blockBytes));
      for (const observer of this.#env.observers) observer.written?.(this, this.ends.get(link), piece, begin + at);
    }
  }

  #verify(piece: PieceIndex): void {
    const blockHashes = this.disk.blockHashes(piece);
    const ok = this.disk.verify(piece);
    const life = this.life;
    const run = (): void => {
      if (life === this.life && this.alive) this.#verified(piece, ok, blockHashes);
    };
    this.#env.queue.add(this.#now + this.config.verifyMs, { run });
  }

  #verified(piece: PieceIndex, ok: boolean, blockHashes: Float64Array): void {
    if (ok) this.disk.store(piece);
    else this.failedPieces++;
    for (const observer of this.#env.observers) observer.verified?.(this, piece, ok);
    this.feed({ kind: 'verified', piece, ok, blockHashes });
    if (!ok) return;
    if (this.disk.isOverfull) return this.#rejectPiece(piece);
    if (this.disk.isComplete && this.completedAt === null) this.#completed();
    this.#env.pieceStored(this, piece);
  }

  #completed(): void {
    this.completedAt = this.#now;
    this.#env.trace.finished(this.#now, this.index);
  }

  /** The piece was in memory, and storage had no room for it. */
  #rejectPiece(piece: PieceIndex): void {
    this.disk.lose(piece);
    for (const observer of this.#env.observers) observer.discarded?.(this, piece);
    this.feed({ kind: 'pieceLost', piece });
    this.feed({ kind: 'storageFull' });
  }
}
