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
import type { End, Owner } from './link.ts';
import type { NodeConfig, Surroundings } from '../core/node-env.ts';

/** A peer of the simulated swarm: the real `Torrent`, and a host that performs its effects on the virtual network and disk. */
export class Node implements Owner, Task {
  readonly index: number;
  readonly config: NodeConfig;
  readonly uplink: Uplink;
  readonly downlink: Downlink;
  readonly disk: Disk;
  readonly ends = new Map<LinkId, End>();
  readonly banned = new Map<PeerId, CloseCode>();
  torrent: Torrent;
  alive = false;
  /** Grows with each return, so that answers meant for an earlier life are dropped. */
  life = 0;
  joinedAt: Milliseconds | null = null;
  completedAt: Milliseconds | null = null;
  downBytes = 0;
  upBytes = 0;
  failedPieces = 0;
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #events = new Fifo<Event>();
  readonly #touched: End[] = [];
  readonly #streams = new Map<LinkId, ByteStream>();
  readonly #out: Effect[] = [];
  #stepping = false;
  #wakeAt: Milliseconds = Infinity;

  constructor(index: number, config: NodeConfig, world: Surroundings, random: Random) {
    this.index = index;
    this.config = config;
    this.#world = world;
    this.#random = random;
    this.uplink = new Uplink(world.agenda, config.up);
    this.downlink = new Downlink(config.down);
    this.disk = new Disk(world.geometry, world.content, config.capacityPieces);
    this.torrent = this.#newTorrent();
    if (config.isSeed) this.disk.fill(Array(world.geometry.pieceCount).keys());
  }

  /** Starts, or starts again with the pieces that are stored. */
  join(): void {
    assert(!this.alive, 'a node joins when it is not there');
    this.alive = true;
    this.joinedAt ??= this.#now;
    if (this.life++ > 0) this.torrent = this.#newTorrent();
    for (const observer of this.#world.observers) observer.joined?.(this);
    if (this.#world.webSeed !== null) this.feed({ kind: 'webSeeds', count: 1, policy: 'gaps' });
    this.feed({ kind: 'resume' });
    if (!this.config.byMagnet || this.disk.storedCount > 0) this.#learnMetadata();
  }

  /** The tab is gone: links are the world's to close. */
  die(): void {
    this.alive = false;
    this.disk.forgetBuffers();
    this.#streams.clear();
    this.#events.clear();
    this.#wakeAt = Infinity;
  }

  opened(end: End): void {
    this.ends.set(end.link, end);
    if (this.#world.asBytes) this.#streams.set(end.link, new ByteStream(this.#world.agenda, this.#random));
    for (const observer of this.#world.observers) observer.opened?.(this, end);
    this.feed({ kind: 'linkOpened', link: end.link, initiator: end.initiator });
  }

  /** The other side, or the network, closed it. */
  closed(end: End): void {
    this.#forget(end);
    if (this.alive) this.feed({ kind: 'linkClosed', link: end.link });
  }

  arrived(end: End, messages: readonly WireMessage[], payloadBytes: number): void {
    this.downBytes += payloadBytes;
    const stream = this.#streams.get(end.link);
    if (stream !== undefined) return stream.arrived(messages, (bytes, whole) => this.#takeBytes(end, bytes, whole));
    for (const message of messages) this.#takeMessage(end, message);
    this.#settle();
  }

  drained(end: End, bytes: number): void {
    this.upBytes += bytes;
    this.feed({ kind: 'drained', link: end.link, bytes });
  }

  /** Queues an event; it is stepped at once unless effects are being performed. */
  feed(event: Event): void {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#drain();
    this.#settle();
  }

  /** `wakeAt()` has come, unless it moved since. */
  run(): void {
    if (!this.alive || this.#now !== this.#wakeAt) return;
    this.#wakeAt = Infinity;
    if (this.torrent.wakeAt() <= this.#now) this.feed({ kind: 'tick' });
    else this.#scheduleWake();
  }

  get geometry(): Geometry {
    return this.#world.geometry;
  }

  get isHonest(): boolean {
    return this.config.strategyName === 'honest';
  }

  get #now(): Milliseconds {
    return this.#world.agenda.now;
  }

  #newTorrent(): Torrent {
    return new Torrent(this.config.identity, this.#random, this.config.swarm);
  }

  #takeMessage(end: End, message: WireMessage): void {
    if (!end.open) return;
    this.#world.trace.delivered(this.#now, end.link, message);
    for (const observer of this.#world.observers) observer.delivered?.(this, end, message);
    this.#events.push({ kind: 'message', link: end.link, message });
    this.#drain();
  }

  #takeBytes(end: End, bytes: Uint8Array, whole: readonly WireMessage[]): void {
    if (!end.open) return;
    for (const message of whole) {
      this.#world.trace.delivered(this.#now, end.link, message);
      for (const observer of this.#world.observers) observer.delivered?.(this, end, message);
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

  /** The end of a turn: what it wished to send leaves together. */
  #settle(): void {
    for (const end of this.#touched) if (end.open) this.uplink.offer(end);
    this.#touched.length = 0;
    for (const observer of this.#world.observers) observer.settled?.(this);
    this.#scheduleWake();
  }

  #scheduleWake(): void {
    const wakeAt = Math.max(this.torrent.wakeAt(), this.#now);
    if (wakeAt >= this.#wakeAt) return;
    this.#wakeAt = wakeAt;
    this.#world.agenda.add(wakeAt, this);
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
        for (const observer of this.#world.observers) observer.discarded?.(this, effect.piece);
        return;
      case 'verifyMetadata':
        if (equalBytes(effect.bytes, this.#world.infoBytes)) return this.#learnMetadata();
        return this.feed({ kind: 'metadataBad' });
      case 'fetch':
        return this.#fetch(effect.piece);
      case 'fetchMetadata':
        return this.#learnMetadata();
      case 'stopFetches':
        throw new Error('no scenario pauses a peer with web seeds');
      case 'completed':
        assert(!effect.all || this.disk.isComplete, `${this.config.name} calls itself complete without every piece`);
        return;
    }
  }

  #learnMetadata(): void {
    const { geometry, infoBytes } = this.#world;
    this.feed({ kind: 'metadata', geometry, infoBytes, have: this.disk.bitfield() });
    this.feed({ kind: 'want', priorities: new Uint8Array(geometry.pieceCount).fill(1) });
  }

  #send(link: LinkId, wish: WireMessage): void {
    const end = this.ends.get(link);
    const message = this.config.strategy.message(wish);
    if (end === undefined || message === null) return;
    for (const observer of this.#world.observers) observer.sent?.(this, end, message);
    end.control.push(message);
    this.#touched.push(end);
  }

  #serve(link: LinkId, block: BlockRef): void {
    const end = this.ends.get(link);
    if (end === undefined) return;
    for (const observer of this.#world.observers) observer.served?.(this, end, block);
    const { piece, begin, length } = block;
    const fate = this.config.strategy.block(block);
    if (fate === 'reject') this.#send(link, { type: 'reject', piece, begin, length });
    if (fate === 'reject' || fate === 'withhold') return this.feed({ kind: 'drained', link, bytes: length });
    end.blocks.push({ type: 'piece', piece, begin, block: this.#world.content[fate](piece, begin, length) });
    this.#touched.push(end);
  }

  #close(link: LinkId): void {
    const end = this.ends.get(link);
    if (end === undefined) return;
    this.#forget(end);
    this.#world.hungUp(end);
  }

  #forget(end: End): void {
    end.close();
    this.ends.delete(end.link);
    this.#streams.delete(end.link);
    for (const observer of this.#world.observers) observer.closed?.(this, end);
  }

  #fetch(piece: PieceIndex): void {
    const life = this.life;
    for (const observer of this.#world.observers) observer.fetching?.(this, piece);
    this.#world.webSeed!.fetch(piece, (bytes) => {
      if (life !== this.life || !this.alive) return;
      this.downBytes += bytes.length;
      this.feed({ kind: 'fetched', source: 0, piece, bytes });
    });
  }

  /** A web seed's write is a whole piece; what is here is kept by the block. */
  #write({ link, piece, begin, block }: Extract<Effect, { kind: 'write' }>): void {
    for (let at = 0; at < block.length; at += blockBytes) {
      this.disk.write(piece, begin + at, block.subarray(at, at + blockBytes));
      for (const observer of this.#world.observers) observer.written?.(this, this.ends.get(link), piece, begin + at);
    }
  }

  #verify(piece: PieceIndex): void {
    const ok = this.disk.verify(piece);
    const life = this.life;
    this.#world.agenda.add(this.#now + this.config.verifyMs, { run: () => life === this.life && this.alive && this.#verified(piece, ok) });
  }

  #verified(piece: PieceIndex, ok: boolean): void {
    if (ok) this.disk.store(piece);
    else this.failedPieces++;
    for (const observer of this.#world.observers) observer.verified?.(this, piece, ok);
    this.feed({ kind: 'verified', piece, ok });
    if (!ok) return;
    if (this.disk.isOverfull) return this.#refuse(piece);
    if (this.disk.isComplete && this.completedAt === null) this.#completed();
    this.#world.pieceStored(this, piece);
  }

  #completed(): void {
    this.completedAt = this.#now;
    this.#world.trace.finished(this.#now, this.index);
  }

  /** The piece was in memory, and storage did not take it. */
  #refuse(piece: PieceIndex): void {
    this.disk.lose(piece);
    for (const observer of this.#world.observers) observer.discarded?.(this, piece);
    this.feed({ kind: 'pieceLost', piece });
    this.feed({ kind: 'storageFull' });
  }
}
