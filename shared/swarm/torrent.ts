import { type CloseCode, PeerFault, type PeerFaultCode } from '../failure.ts';
import type { LinkId, Milliseconds, PeerId, PieceIndex } from '../ids.ts';
import type { Random } from '../random.ts';
import type { Geometry } from '../torrent/geometry.ts';
import { type BandwidthLimits, noLimits } from './bandwidth/bandwidth-limit.ts';
import { Bitfield } from './lib/bitfield.ts';
import type { SwarmConfig } from './config.ts';
import { Downloader } from './download/downloader.ts';
import { FillQueue } from './download/fill-queue.ts';
import type { Effect, Event, Identity, TorrentStatus } from './events.ts';
import { type HeardEvent, MessageHandler, newParts, type Parts } from './message-handler.ts';
import { admit } from './peer/admission.ts';
import { type Context, newContext, Peer, sayHave, beginLateHaves, sayLost } from './peer/peer.ts';
import type { PartialPiece } from './download/partial-pieces.ts';
import type { PeerRecord } from './peer/reputation.ts';
import { sourceBehind } from './lib/source-link.ts';
import { statusOf } from './status.ts';
import { ByteCounts } from './download/byte-counts.ts';
import { hasTurns, keepInTouch, nextTurnAt, reasonToEnd, surplusSeeds } from './peer/timeouts.ts';
import { WebSeeds } from './web-seed/web-seeds.ts';

type MetadataEvent = Extract<Event, { kind: 'metadata' }>;

/**
 * One torrent as a pure state machine: the composition of its parts. It knows no time, no randomness and no host; events.ts lists all its
 * inputs and outputs. A peer's fault is caught here, in one place, and closes that link.
 */
export class Torrent {
  readonly #context: Context;
  readonly #parts: Parts;
  readonly #messages: MessageHandler;
  readonly #webSeeds: WebSeeds;
  #counts: ByteCounts | null = null;
  #isPaused = true;
  #hasWish = false;
  #completedSaid = false;
  readonly #peersToFill = new FillQueue();
  #lastTickAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(identity: Identity, random: Random, config: Partial<SwarmConfig> = {}, limits: BandwidthLimits = noLimits) {
    this.#context = newContext(identity, random, config, limits);
    this.#parts = newParts(this.#context, (peer, peerId) => this.#admit(peer, peerId));
    this.#messages = new MessageHandler(this.#context, this.#parts);
    this.#webSeeds = new WebSeeds(this.#context);
  }

  /** `null` until the metadata is known. */
  get geometry(): Geometry | null {
    return this.#parts.metadata?.geometry ?? null;
  }

  /** The verified pieces, live: copy it to keep it. */
  get have(): Bitfield | null {
    return this.#parts.metadata?.have ?? null;
  }

  get isComplete(): boolean {
    return this.have !== null && this.have.isFull;
  }

  /** Takes one event and pushes its effects onto `out`. The host performs them in order before it feeds the next event. */
  step(now: Milliseconds, event: Event, out: Effect[]): void {
    this.#context.now = now;
    this.#context.out = out;
    this.#handle(event);
    this.#settle();
  }

  /** When the next `tick` is due: `tickMs` after the last, or with a turn under a limit; never without a peer and a hopeful web seed. */
  wakeAt(): Milliseconds {
    const { peers, now, config } = this.#context;
    if (peers.size === 0 && !(this.#webSeeds.isHopeful && this.#isInNeed)) return Number.POSITIVE_INFINITY;
    return Math.max(now, Math.min(this.#lastTickAt + config.tickMs, nextTurnAt(this.#context, this.#webSeeds.allowance)));
  }

  status(): TorrentStatus {
    return statusOf(this.#context, this.#parts, this.#counts, { isPaused: this.#isPaused, hasWish: this.#hasWish }, this.#webSeeds);
  }

  /** The metadata or a wanted piece is missing. */
  get #isInNeed(): boolean {
    return !this.#isPaused && (this.#counts === null || (this.#hasWish && !this.#counts.isWantedComplete));
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case 'resume':
        this.#isPaused = false;
        this.#webSeeds.start();
        if (this.#parts.downloader !== null) this.#parts.downloader.storageFull = false;
        return this.#feedAll();
      case 'pause':
        return this.#pause();
      case 'metadata':
        return this.#learn(event);
      case 'metadataBad':
        for (const link of this.#parts.fetch.failed()) this.#fault(link, 'badMetadata', true);
        return this.#parts.fetch.fill();
      case 'want':
        return this.#want(event.priorities);
      case 'askedFor':
        return void (this.#context.isAskedFor = true);
      case 'deadlines':
        return this.#parts.downloader?.prioritize(event.pieces);
      case 'linkOpened':
        return this.#open(event);
      case 'bytes':
      case 'connectionBytes':
      case 'messages':
        return this.#hear(event);
      case 'roundTrip':
        return this.#withPeer(event.link, (peer) => peer.pipeline.answers.heard(event.ms));
      case 'connectionSignal':
      case 'connectionsOpen':
      case 'connectionLost':
        return this.#withPeer(event.link, (peer) => this.#parts.connections.onHostEvent(peer, event, this.#parts.downloader));
      case 'drained':
        return this.#withPeer(event.link, (peer) => this.#parts.uploader.drained(peer, event.bytes));
      case 'readDone':
        return this.#parts.uploader.readDone(event.link, event.bytes);
      case 'linkClosed':
        return this.#withPeer(event.link, (peer) => this.#forget(peer));
      case 'verified':
        return this.#verified(event.piece, event.ok, event.blockHashes ?? null);
      case 'hashed':
        return this.#hashed(event.piece);
      case 'blockLost':
        this.#withPeer(event.link, (peer) => this.#parts.uploader.unreadable(peer, event));
        return event.isKept === true ? undefined : this.#lose(event.piece);
      case 'pieceLost':
        return this.#lose(event.piece);
      case 'saved':
        return this.#parts.saved.tellAll(event.receipt);
      case 'webSeeds':
      case 'expected':
      case 'fetched':
      case 'fetchFailed':
        this.#webSeeds.onEvent(event, this.#parts.downloader);
        return this.#peersToFill.addAskable();
      case 'storageFull':
        if (this.#parts.downloader !== null) this.#parts.downloader.storageFull = true;
        return;
      case 'gentle':
        return this.#parts.gentle.set(event.isOn);
      case 'name':
        return this.#messages.rename(event.name);
      case 'limits':
        return this.#takeTurns();
      case 'tick':
        return this.#tick();
    }
  }

  #open(opened: Extract<Event, { kind: 'linkOpened' }>): void {
    const { link, introduction = null } = opened;
    if (this.#isPaused) return void this.#context.out.push({ kind: 'close', link, code: 'paused' });
    const { config, limits, now, reputation } = this.#context;
    const peer = new Peer(config, opened, now, reputation.opened(link, introduction), limits);
    if (this.#context.peers.size === 0) this.#lastTickAt = now;
    this.#context.peers.set(link, peer);
    this.#messages.open(peer);
  }

  #hear(event: HeardEvent): void {
    const peer = this.#context.peers.get(event.link);
    // Events of a link that we have closed may still be queued.
    if (peer !== undefined) this.#guarded(peer, event);
  }

  /** The one place where a peer's fault ends: its link is closed with the code. `null`: the metadata is known now. */
  #guarded(peer: Peer, event: HeardEvent | null): void {
    this.#peersToFill.add(peer);
    try {
      if (event === null) this.#messages.metadataKnown(peer);
      else this.#messages.hear(peer, event);
      if (peer.isToFill) this.#peersToFill.heard(peer);
    } catch (error) {
      if (!(error instanceof PeerFault)) throw error;
      this.#fault(peer.link, error.code);
    }
  }

  #withPeer(link: LinkId, act: (peer: Peer) => void): void {
    const peer = this.#context.peers.get(link);
    if (peer !== undefined) act(peer);
  }

  #fault(link: LinkId, code: PeerFaultCode, isGrave = false): void {
    const peer = this.#context.peers.get(link);
    if (peer !== undefined) this.#close(peer, code);
    const record = this.#context.reputation.behind(link);
    if (record !== null) this.#blame(record, code, isGrave);
  }

  #blame(record: PeerRecord, code: PeerFaultCode, isGrave: boolean): void {
    const isBanned = this.#context.reputation.convict(record, code, isGrave);
    if (isBanned && record.who !== null) this.#context.out.push({ kind: 'ban', who: record.who, code });
  }

  #close(peer: Peer, code: CloseCode): void {
    this.#context.out.push({ kind: 'close', link: peer.link, code });
    this.#forget(peer);
  }

  #forget(peer: Peer): void {
    this.#context.peers.delete(peer.link);
    peer.closed();
    this.#context.reputation.closed(peer.link);
    this.#peersToFill.remove(peer);
    this.#parts.uploader.closed(peer.link);
    if (this.#parts.downloader === null) this.#parts.fetch.gone(peer.link);
    else if (peer.have !== null) this.#parts.downloader.gone(peer);
    this.#peersToFill.addAskable();
  }

  #admit(peer: Peer, peerId: PeerId): void {
    const older = admit(this.#context, peer, peerId);
    if (older !== null) this.#close(older, 'duplicatePeer');
  }

  #learn({ geometry, infoBytes, have }: MetadataEvent): void {
    const metadata = { geometry, infoBytes, have: Bitfield.of(geometry.pieceCount, have) };
    this.#webSeeds.learned();
    this.#parts.fetch.learned();
    const downloader = new Downloader(this.#context, metadata, this.#parts.gossip);
    Object.assign(this.#parts, { metadata, downloader });
    this.#context.metadata = metadata;
    this.#counts = new ByteCounts(metadata.geometry);
    this.#counts.count(metadata.have, (piece) => downloader.picker.isWanted(piece));
    for (const peer of this.#context.peers.values()) if (peer.peerId !== null) this.#guarded(peer, null);
    beginLateHaves(this.#context);
  }

  #want(priorities: Uint8Array): void {
    const { metadata, downloader } = this.#parts;
    if (metadata === null || downloader === null) return;
    this.#hasWish = true;
    downloader.want(priorities);
    this.#counts?.count(metadata.have, (piece) => downloader.picker.isWanted(piece));
    this.#completedSaid = false;
    this.#feedAll();
  }

  #pause(): void {
    this.#isPaused = true;
    this.#webSeeds.stop();
    for (const peer of this.#context.peers.values()) this.#close(peer, 'paused');
    this.#parts.downloader?.abandon();
  }

  #hashed(piece: PieceIndex): void {
    this.#parts.downloader?.smartBan.verdict(piece, true);
    this.#parts.downloader?.smartBan.verifyNext();
  }

  #verified(piece: PieceIndex, ok: boolean, blockHashes: Float64Array | null): void {
    const { downloader } = this.#parts;
    if (downloader === null) return;
    const whole = downloader.verified(piece, ok);
    if (ok) this.#onVerified(piece, downloader);
    else this.#onCorrupt(whole, blockHashes, downloader);
    if (ok) for (const liar of downloader.smartBan.good(whole, blockHashes)) this.#convict(liar, downloader);
    downloader.smartBan.verifyNext();
    this.#peersToFill.addAskable();
  }

  #onVerified(piece: PieceIndex, downloader: Downloader): void {
    const isWanted = downloader.picker.isWanted(piece);
    this.#counts?.add(piece, isWanted);
    sayHave(this.#context, piece, isWanted, this.isComplete);
    if (this.isComplete) this.#feedAll();
  }

  /** A web seed that gave a bad piece is never asked again. */
  #onCorrupt(whole: PartialPiece, blockHashes: Float64Array | null, downloader: Downloader): void {
    const [giver] = whole.givers();
    const source = giver === undefined ? null : sourceBehind(giver);
    if (source !== null) return this.#webSeeds.convict(source);
    const culprit = downloader.smartBan.corrupt(whole, blockHashes);
    if (culprit !== null) this.#convict(culprit, downloader);
  }

  /** It gave a bad block: it is banned, and its other blocks are dropped. */
  #convict(record: PeerRecord, downloader: Downloader): void {
    downloader.smartBan.distrust(record);
    for (const peer of this.#context.peers.values()) if (peer.record === record) this.#close(peer, 'corruptPiece');
    this.#blame(record, 'corruptPiece', true);
  }

  #lose(piece: PieceIndex): void {
    const { downloader, uploader } = this.#parts;
    if (downloader === null || !downloader.lost(piece)) return;
    const isWanted = downloader.picker.isWanted(piece);
    this.#counts?.remove(piece, isWanted);
    uploader.dropPiece(piece);
    this.#completedSaid = false;
    sayLost(this.#context, piece, isWanted);
    this.#feedAll();
  }

  #feedAll(): void {
    this.#peersToFill.addAll(this.#context.peers.values());
  }

  #tick(): void {
    const { now, config, peers } = this.#context;
    if (now < this.#lastTickAt + config.tickMs && hasTurns(this.#context)) return this.#takeTurns();
    if (now - this.#lastTickAt > config.clockGapMs) for (const peer of peers.values()) peer.forgive(now);
    this.#lastTickAt = now;
    this.#parts.downloader?.everySecond();
    for (const peer of peers.values()) this.#tickPeer(peer);
    this.#parts.downloader?.smartBan.tick();
    if (this.#parts.metadata === null) this.#parts.fetch.tick();
    else this.#parts.uploader.tick(this.#parts.downloader?.storageFull ?? false);
    if (this.isComplete) for (const peer of surplusSeeds(this.#context)) this.#close(peer, 'seedToSeed');
    this.#webSeeds.tick();
    this.#takeTurns();
  }

  /** Whoever waited for a turn under a bandwidth limit asks again. */
  #takeTurns(): void {
    this.#parts.gentle.advance();
    this.#parts.uploader.takeTurns();
    this.#webSeeds.isDue = true;
    this.#peersToFill.addAskable();
  }

  #tickPeer(peer: Peer): void {
    const reason = reasonToEnd(this.#context, peer);
    if (reason !== null) return this.#close(peer, reason);
    keepInTouch(this.#context, peer);
    this.#parts.downloader?.tick(peer);
  }

  /** After every event: updates interest, sends requests, and says once when everything wanted is here. */
  #settle(): void {
    const { downloader, metadata } = this.#parts;
    if (this.#webSeeds.isDue && this.#isInNeed) this.#webSeeds.fill(downloader);
    const counts = this.#counts;
    if (this.#isPaused) return;
    if (downloader === null || metadata === null || counts === null) return this.#parts.connections.advanceEarly();
    if (downloader.hasFreed) this.#peersToFill.addAskable();
    downloader.hasFreed = false;
    this.#peersToFill.drainInto(downloader);
    this.#parts.connections.advance(counts.missingBytes);
    const isDone = this.isComplete || (this.#hasWish && counts.isWantedComplete && counts.wantedBytes > 0);
    if (isDone && !this.#completedSaid) this.#context.out.push({ kind: 'completed', all: metadata.have.isFull });
    this.#completedSaid = isDone;
  }
}
