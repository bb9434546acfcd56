import { assert, present } from '../../assert.ts';
import { equalBytes } from '../../bytes.ts';
import type { CloseCode } from '../../failure.ts';
import { type BlockRef, type Introduction, introductionKey, type LinkId, type Milliseconds, type PieceIndex } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import type { Random } from '../../random.ts';
import type { Effect, Event } from '../../swarm/events.ts';
import { Torrent } from '../../swarm/torrent.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { ByteStream } from '../core/byte-stream.ts';
import { Disk, type Verdict } from './disk.ts';
import { Fifo } from '../core/fifo.ts';
import { Downlink, Uplink } from './link.ts';
import type { LinkEnd, LinkOwner } from './link.ts';
import type { NodeConfig } from './node-config.ts';
import type { NodeEnv } from './node-env.ts';
import type { ObservedNode } from './observer.ts';
import { WakeTimer } from './wake-timer.ts';

/** A peer of the simulated swarm: the real `Torrent`, and a host that performs its effects on the virtual network and disk. */
export class Node implements LinkOwner, ObservedNode {
  readonly index: number;
  readonly config: NodeConfig;
  readonly uplink: Uplink;
  readonly downlink: Downlink;
  readonly disk: Disk;
  readonly ends = new Map<LinkId, LinkEnd>();
  /** By introduction. */
  readonly banned = new Map<string, CloseCode>();
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
  readonly #timer: WakeTimer;

  constructor(index: number, config: NodeConfig, env: NodeEnv, random: Random) {
    this.index = index;
    this.config = config;
    this.#env = env;
    this.#random = random;
    this.uplink = new Uplink(env.queue, config.up, env.burstBlocks);
    this.downlink = new Downlink(config.down);
    this.disk = new Disk(env.geometry, env.content, config.capacityPieces);
    this.torrent = this.#newTorrent();
    this.#timer = new WakeTimer(env.queue, () => this.#wake());
    if (config.isSeed) this.disk.fill(Array(env.geometry.pieceCount).keys());
  }

  /** Starts, or restarts with the pieces that are stored. */
  join(): void {
    assert(!this.alive, 'a node joins once per life');
    this.alive = true;
    this.joinedAt ??= this.#now;
    if (this.life++ > 0) this.torrent = this.#newTorrent();
    for (const observer of this.#env.observers.joined) observer.joined(this);
    if (this.#env.webSeed !== null) this.feed({ kind: 'webSeeds', count: 1, policy: 'gaps' });
    this.feed({ kind: 'resume' });
    if (!this.config.byMagnet || this.disk.storedCount > 0) this.#learnMetadata();
    this.#everySecond(this.life);
  }

  /** The tab is gone. The mesh closes its links. */
  die(): void {
    this.alive = false;
    this.disk.forgetBuffers();
    this.#streams.clear();
    this.#events.clear();
    this.#timer.stop();
  }

  opened(end: LinkEnd): void {
    this.ends.set(end.link, end);
    if (this.#env.asBytes) this.#streams.set(end.link, new ByteStream(this.#env.queue, this.#random));
    for (const observer of this.#env.observers.opened) observer.opened(this, end);
    const { link, initiator, other } = end;
    this.feed({ kind: 'linkOpened', link, initiator, introduction: other.owner.introduction });
  }

  closed(end: LinkEnd): void {
    this.#forget(end);
    if (this.alive) this.feed({ kind: 'linkClosed', link: end.link });
  }

  arrived(end: LinkEnd, messages: readonly WireMessage[], payloadBytes: number): void {
    this.downBytes += payloadBytes;
    const stream = this.#env.asBytes ? this.#streams.get(end.link) : undefined;
    if (stream !== undefined)
      return stream.arrived(messages, (bytes, whole) => this.#take(end, whole, { kind: 'bytes', link: end.link, bytes }));
    this.#take(end, messages, { kind: 'messages', link: end.link, messages });
  }

  drained(end: LinkEnd, blocks: number, bytes: number): void {
    this.upBytes += bytes;
    const readBytes = end.takeHeldReads(blocks);
    if (readBytes > 0) this.#events.push({ kind: 'readDone', link: end.link, bytes: readBytes });
    this.feed({ kind: 'drained', link: end.link, bytes });
  }

  /** Queues an event. The torrent takes it at once unless effects are being performed. */
  feed(event: Event): void {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#drain();
    this.#settle();
  }

  get geometry(): Geometry {
    return this.#env.geometry;
  }

  get introduction(): Introduction {
    return this.config.strategy.introduction ?? { peerId: this.config.identity.peerId, tracker: 'wss://tracker.test' };
  }

  get isHonest(): boolean {
    return this.config.isHonest;
  }

  get #now(): Milliseconds {
    return this.#env.queue.now;
  }

  #newTorrent(): Torrent {
    return new Torrent(this.config.identity, this.#random, this.config.swarm, this.config.limits);
  }

  /** What arrives together is one event, as a chunk is in a browser. A strategy that listens sees each message before the torrent does. */
  #take(end: LinkEnd, messages: readonly WireMessage[], event: Event): void {
    if (this.config.strategy.incoming === undefined) this.#pass(end, messages, event);
    else for (const message of messages) this.#intercept(end, message);
    this.#settle();
  }

  #intercept(end: LinkEnd, message: WireMessage): void {
    const answers = end.open ? (this.config.strategy.incoming?.(message, end.link) ?? null) : null;
    if (answers === null) return this.#pass(end, [message], { kind: 'messages', link: end.link, messages: [message] });
    this.#note(end, message);
    for (const answer of answers) this.#sendOne(end, answer);
  }

  #pass(end: LinkEnd, messages: readonly WireMessage[], event: Event): void {
    if (!end.open) return;
    for (const message of messages) this.#note(end, message);
    this.#events.push(event);
    this.#drain();
  }

  #note(end: LinkEnd, message: WireMessage): void {
    this.#env.trace.delivered(this.#now, end.link, message);
    for (const observer of this.#env.observers.delivered) observer.delivered(this, end, message);
  }

  #drain(): void {
    if (!this.alive) return;
    this.#stepping = true;
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
      this.torrent.step(this.#now, event, this.#out);
      for (const observer of this.#env.observers.stepped) observer.stepped(this, event, this.#out, this.ends.size);
      for (const effect of this.#out) this.#perform(effect);
      while (this.#out.length > 0) this.#out.pop(); // a length of 0 would drop the list's memory
    }
    this.#stepping = false;
  }

  #wake(): void {
    if (!this.alive) return;
    if (this.torrent.wakeAt() <= this.#now) this.feed({ kind: 'tick' });
    else this.#timer.schedule(this.torrent.wakeAt());
  }

  /** Ends a turn: everything sent during it leaves together. */
  #settle(): void {
    for (const end of this.#endsToFlush) if (end.open) this.uplink.flush(end);
    while (this.#endsToFlush.length > 0) this.#endsToFlush.pop();
    for (const observer of this.#env.observers.settled) observer.settled(this);
    this.#timer.schedule(this.torrent.wakeAt());
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'connections':
      case 'useConnections':
      case 'connectionSignal':
      case 'receipt':
        // A simulated link is one connection, and no scenario saves files.
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
      case 'ban':
        return void this.banned.set(introductionKey(effect.who), effect.code);
      case 'write':
        return this.#write(effect);
      case 'verify':
        return this.#verify(effect);
      case 'discard':
        this.disk.discard(effect.piece);
        for (const observer of this.#env.observers.discarded) observer.discarded(this, effect.piece);
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
    this.feed({ kind: 'metadata', geometry: this.geometry, infoBytes: this.#env.infoBytes, have: this.disk.bitfield() });
    this.feed({ kind: 'want', priorities: new Uint8Array(this.geometry.pieceCount).fill(1) });
  }

  #send(link: LinkId, original: WireMessage): void {
    const end = this.ends.get(link);
    const message = this.config.strategy.outgoing(original);
    if (end !== undefined && message !== null) this.#sendOne(end, message);
  }

  #sendOne(end: LinkEnd, message: WireMessage): void {
    for (const observer of this.#env.observers.sent) observer.sent(this, end, message);
    if (message.type === 'piece') end.blocks.push(message);
    else if (end.control === null) end.control = [message];
    else end.control.push(message);
    this.#endsToFlush.push(end);
  }

  /** Runs the strategy's own messages as long as this life lasts. */
  #everySecond(life: number): void {
    const messages = this.config.strategy.everySecond;
    if (messages === undefined || !this.alive || life !== this.life) return;
    for (const end of this.ends.values()) for (const message of messages()) this.#sendOne(end, message);
    this.#settle();
    this.#env.queue.add(this.#now + 1000, { run: () => this.#everySecond(life) });
  }

  #serve(link: LinkId, block: BlockRef & { readonly readBytes: number }): void {
    const end = this.ends.get(link);
    if (end === undefined) return this.#readDone(link, block.readBytes);
    const { piece, begin, length } = block;
    const action = this.config.strategy.block(block, link);
    if (action === 'reject') this.#sendOne(end, { type: 'reject', piece, begin, length });
    if (action === 'reject' || action === 'withhold') {
      this.#readDone(link, block.readBytes);
      return this.feed({ kind: 'drained', link, bytes: length });
    }
    end.heldReads.push(block.readBytes);
    for (const observer of this.#env.observers.served) observer.served(this, end, block);
    const stallMs = this.config.strategy.stallMs?.() ?? 0;
    if (stallMs > 0) end.readyAtMs = Math.max(end.readyAtMs, this.#now + stallMs);
    end.blocks.push({ type: 'piece', piece, begin, block: this.#env.content[action](piece, begin, length) });
    this.#endsToFlush.push(end);
  }

  #readDone(link: LinkId, bytes: number): void {
    if (bytes > 0) this.feed({ kind: 'readDone', link, bytes });
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
    const heldBytes = end.takeHeldReads(end.heldReads.length);
    if (this.alive) this.#readDone(end.link, heldBytes);
    for (const observer of this.#env.observers.closed) observer.closed(this, end);
  }

  #fetch(piece: PieceIndex): void {
    const life = this.life;
    for (const observer of this.#env.observers.fetching) observer.fetching(this, piece);
    present(this.#env.webSeed, 'only a swarm with a web seed fetches from it').fetch(piece, (bytes) => {
      if (life !== this.life || !this.alive) return;
      this.downBytes += bytes.length;
      this.feed({ kind: 'fetched', source: 0, piece, bytes });
    });
  }

  /** A write from a web seed is a whole piece. The disk keeps blocks. */
  #write({ link, piece, begin, block }: Extract<Effect, { kind: 'write' }>): void {
    for (let at = 0; at < block.length; at += blockBytes) {
      this.disk.write(piece, begin + at, block.length <= blockBytes ? block : block.subarray(at, at + blockBytes));
      for (const observer of this.#env.observers.written) observer.written(this, this.ends.get(link), piece, begin + at);
    }
  }

  #verify({ piece, hashBlocks }: Extract<Effect, { kind: 'verify' }>): void {
    const verdict = this.disk.verify(piece, hashBlocks);
    const life = this.life;
    const run = (): void => {
      if (life === this.life && this.alive) this.#verified(piece, verdict);
    };
    this.#env.queue.add(this.#now + this.config.verifyMs, { run });
  }

  #verified(piece: PieceIndex, verdict: Verdict): void {
    const { ok } = verdict;
    if (ok) this.disk.store(piece);
    else this.failedPieces++;
    for (const observer of this.#env.observers.verified) observer.verified(this, piece, ok);
    this.feed({ kind: 'verified', piece, ...verdict });
    if (!ok) return;
    if (this.disk.isOverfull) return this.#rejectPiece(piece);
    if (this.disk.isComplete && this.completedAt === null) {
      this.completedAt = this.#now;
      this.#env.trace.finished(this.#now, this.index);
    }
    this.#env.pieceStored(this, piece);
  }

  /** The piece was in memory, and storage had no room for it. */
  #rejectPiece(piece: PieceIndex): void {
    this.disk.lose(piece);
    for (const observer of this.#env.observers.discarded) observer.discarded(this, piece);
    this.feed({ kind: 'pieceLost', piece });
    this.feed({ kind: 'storageFull' });
  }
}
