import { PeerFault } from '../failure.ts';
import type { PeerId } from '../ids.ts';
import {
  extensionHandshakeId,
  localExtensionId,
  noExtensions,
  readExtensionHandshake,
  writeExtensionHandshake,
} from '../wire/extensions/extension.ts';
import { readDontHave } from '../wire/extensions/dont-have.ts';
import { readMetadataMessage, writeMetadataReject } from '../wire/extensions/metadata.ts';
import type { Handshake, Message, WireMessage } from '../wire/messages.ts';
import { isOwnClient } from '../wire/peer-id.ts';
import { Decoder } from '../wire/decoder.ts';
import { maxPieces } from '../limits.ts';
import type { Downloader } from './download/downloader.ts';
import type { Event } from './events.ts';
import { MetadataFetch } from './download/metadata/fetch-metadata.ts';
import { keepEarlyHave, keepEarlyLoss } from './download/peer-pieces.ts';
import { ParallelConnections } from './connections/parallel-connections.ts';
import { heardUnchoke, sayInterested, updateEarlyInterest } from './peer/interest.ts';
import { messageCost } from './peer/message-budget.ts';
import { type Metadata, type Context, type Peer, send } from './peer/peer.ts';
import { Gossip } from './gossip/gossip.ts';
import { Gentle } from './gentle/gentle.ts';
import { Saved } from './peer/saved.ts';
import { Uploader } from './upload/uploader.ts';

/** BEP 6: a peer's allowed-fast set is about ten pieces; hints beyond that are of no use. */
const mostHints = 64;

/** What a peer sent. */
export type HeardEvent = Extract<Event, { kind: 'bytes' | 'connectionBytes' | 'messages' }>;

/** The parts a message may concern. `metadata` and `downloader` are there once the metadata is. */
export interface Parts {
  metadata: Metadata | null;
  downloader: Downloader | null;
  readonly uploader: Uploader;
  readonly fetch: MetadataFetch;
  readonly connections: ParallelConnections;
  readonly saved: Saved;
  readonly gentle: Gentle;
  readonly gossip: Gossip;
  /** Throws where this peer must not stay: ourselves, banned, or connected already. */
  admit(peer: Peer, peerId: PeerId): void;
}

export function newParts(context: Context, admit: Parts['admit']): Parts {
  const uploader = new Uploader(context);
  return {
    metadata: null,
    downloader: null,
    uploader,
    fetch: new MetadataFetch(context),
    connections: new ParallelConnections(context),
    saved: new Saved(context),
    gentle: new Gentle(context),
    gossip: new Gossip(context, uploader),
    admit,
  };
}

/** Dispatches each wire message. Everything here may throw PeerFault; `Torrent.step` catches it. */
export class MessageHandler {
  readonly #context: Context;
  readonly #parts: Parts;

  constructor(context: Context, parts: Parts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** @throws PeerFault */
  hear(peer: Peer, event: HeardEvent): void {
    if (event.kind === 'messages') this.#messages(peer, event.messages);
    else if (event.kind === 'bytes') this.#bytes(peer, event.bytes);
    else this.#connectionBytes(peer, event.connection, event.bytes);
  }

  /** Takes what the peer said before, and tells it of our metadata. @throws PeerFault */
  metadataKnown(peer: Peer): void {
    this.#parts.downloader?.peerPieces.admit(peer);
    // What we said before we knew what is wanted of it holds for a whole round from now on.
    peer.uselessSince = this.#context.now;
    this.#greet(peer);
  }

  #messages(peer: Peer, messages: readonly WireMessage[]): void {
    for (const message of messages) {
      this.#message(peer, message);
      // A message may close the link; the rest is dropped.
      if (!peer.isOpen) return;
    }
  }

  #bytes(peer: Peer, bytes: Uint8Array): void {
    peer.budget.chargeChunk(this.#context.now);
    peer.decoder.push(bytes);
    for (let message = peer.decoder.next(); message !== null; message = peer.decoder.next()) {
      this.#message(peer, message);
      if (!peer.isOpen) return;
    }
  }

  /** A further connection carries only blocks. Any other message would have lost its order among the others. */
  #connectionBytes(peer: Peer, connection: number, bytes: Uint8Array): void {
    peer.budget.chargeChunk(this.#context.now);
    const decoder = peer.connectionDecoders.get(connection) ?? new Decoder(true);
    peer.connectionDecoders.set(connection, decoder);
    decoder.push(bytes);
    for (let message = decoder.next(); message !== null; message = decoder.next()) {
      if (message.type !== 'piece') throw new PeerFault('badMessage', `${message.type} on a further connection`);
      this.#message(peer, message);
    }
  }

  #message(peer: Peer, message: WireMessage): void {
    peer.lastHeardAt = this.#context.now;
    peer.budget.charge(this.#context.now, messageCost(message));
    if (message.type === 'handshake') return this.#handshake(peer, message);
    if (peer.peerId === null) throw new PeerFault('badHandshake', 'a message before the handshake');
    if (!peer.fast && isFast(message)) throw new PeerFault('fastWithoutBit', message.type);
    this.#dispatch(peer, message);
  }

  /**
   * Says the handshake. Who lacks the metadata asks one of its own kind for it at once, where others wait for the answer: INTERESTED and the
   * requests then arrive a round trip sooner.
   */
  open(peer: Peer): void {
    const { infoHash, ownId: peerId, isAskedFor } = this.#context;
    send(this.#context, peer, { type: 'handshake', infoHash, peerId, fast: true, extended: true });
    const { who } = peer.record;
    if (this.#parts.metadata !== null || who === null || !isOwnClient(who.peerId)) return;
    peer.greetedEarly = true;
    this.#sayExtensions(peer);
    if (isAskedFor) sayInterested(this.#context, peer);
    this.#parts.fetch.askEarly(peer);
  }

  /** The person calls themselves something else: everybody connected is told. */
  rename(name: string): void {
    this.#context.name = name;
    for (const peer of this.#context.peers.values()) if (peer.peerId !== null) this.#greet(peer);
  }

  /** Our extended handshake: sent after the handshake, and again when the metadata is known. */
  #greet(peer: Peer): void {
    if (!peer.extended) return;
    this.#sayExtensions(peer);
    this.#parts.gossip.met(peer);
  }

  #sayExtensions(peer: Peer): void {
    const payload = writeExtensionHandshake({
      metadataBytes: this.#parts.metadata?.infoBytes.length ?? null,
      maxQueuedRequests: this.#context.config.maxQueuedRequests,
      client: this.#context.client,
      gossip: this.#parts.gossip.isPushing,
      ...(this.#context.name === undefined ? {} : { name: this.#context.name }),
    });
    send(this.#context, peer, { type: 'extended', id: extensionHandshakeId, payload });
  }

  #dispatch(peer: Peer, message: Message): void {
    const { uploader, downloader } = this.#parts;
    switch (message.type) {
      case 'choke':
        if (peer.peerChoking) return;
        peer.peerChoking = true;
        peer.budget.charge(this.#context.now, downloader?.chokeCost ?? 0);
        peer.downAllowance.release();
        downloader?.choked(peer);
        return;
      case 'unchoke':
        heardUnchoke(this.#context, peer);
        if (peer.peerChoking) downloader?.unchoked(peer);
        peer.peerChoking = false;
        return;
      case 'interested':
        return uploader.interested(peer);
      case 'notInterested':
        return uploader.notInterested(peer);
      case 'have':
        uploader.announced(peer, message.piece);
        return downloader === null ? keepEarlyHave(peer, message.piece) : downloader.peerPieces.have(peer, message.piece);
      case 'bitfield':
      case 'haveAll':
      case 'haveNone':
        return this.#field(peer, message);
      case 'request':
        return this.#request(peer, message);
      case 'piece':
        if (downloader === null) throw new PeerFault('unaskedPiece', 'before the metadata');
        return downloader.receive(peer, message.piece, message.begin, message.block);
      case 'cancel':
        return uploader.cancel(peer, message);
      case 'reject':
        if (downloader === null) throw new PeerFault('badRequest', 'reject before the metadata');
        return downloader.rejected(peer, message);
      case 'suggest':
        return this.#suggest(peer, message.piece);
      case 'allowedFast':
        if (peer.allowedFast.size < mostHints) peer.allowedFast.add(this.#checkedPiece(message.piece));
        return;
      case 'extended':
        return this.#extended(peer, message.id, message.payload);
      case 'keepAlive':
      case 'unknown':
        return;
    }
  }

  /** BEP 3 handshake; we answer with our extensions (BEP 10), then with our pieces (BEP 3, BEP 6). */
  #handshake(peer: Peer, handshake: Handshake): void {
    if (peer.peerId !== null) throw new PeerFault('badHandshake', 'a second one');
    if (handshake.infoHash !== this.#context.infoHash) throw new PeerFault('wrongInfoHash');
    this.#parts.admit(peer, handshake.peerId);
    peer.peerId = handshake.peerId;
    peer.fast = handshake.fast;
    peer.extended = handshake.extended;
    if (!peer.greetedEarly || this.#parts.metadata !== null) this.#greet(peer);
    this.#sayField(peer);
    this.#parts.downloader?.peerPieces.admit(peer);
  }

  /** With BEP 6 exactly one of these comes first; without it an empty bitfield is left out. */
  #sayField(peer: Peer): void {
    const have = this.#parts.metadata?.have;
    if (peer.fast && have?.isFull) send(this.#context, peer, { type: 'haveAll' });
    else if (have !== undefined && have.count > 0) send(this.#context, peer, { type: 'bitfield', bits: have.bytes.slice() });
    else if (peer.fast) send(this.#context, peer, { type: 'haveNone' });
  }

  /** WebTorrent without metadata sends its bitfield once it has the metadata: late is allowed, twice is not. */
  #field(peer: Peer, message: Message & { type: 'bitfield' | 'haveAll' | 'haveNone' }): void {
    if (peer.fieldSeen) throw new PeerFault('lateBitfield');
    peer.fieldSeen = true;
    if (this.#parts.downloader !== null) return this.#parts.downloader.peerPieces.field(peer, message);
    peer.earlyField = message.type === 'bitfield' ? { type: 'bitfield', bits: message.bits.slice() } : message;
    peer.earlyLost = null;
    updateEarlyInterest(this.#context, peer);
  }

  #request(peer: Peer, message: Message & { type: 'request' }): void {
    const { metadata, uploader } = this.#parts;
    const { piece, begin, length } = message;
    if (metadata !== null) uploader.request(peer, metadata, { piece, begin, length });
    else if (peer.fast) send(this.#context, peer, { type: 'reject', piece, begin, length });
  }

  #suggest(peer: Peer, piece: number): void {
    peer.suggested.push(this.#checkedPiece(piece));
    if (peer.suggested.length > mostHints) peer.suggested.shift();
  }

  #checkedPiece(piece: number): number {
    const pieceCount = this.#parts.metadata?.geometry.pieceCount ?? maxPieces;
    if (piece >= pieceCount) throw new PeerFault('badIndex', `piece ${piece}`);
    return piece;
  }

  #extended(peer: Peer, id: number, payload: Uint8Array): void {
    if (id === extensionHandshakeId) {
      this.#greeted(peer, payload);
    } else if (id === localExtensionId.utMetadata) {
      this.#metadata(peer, payload);
    } else if (id === localExtensionId.connections) {
      this.#parts.connections.onMessage(peer, payload);
    } else if (id === localExtensionId.saved) {
      this.#parts.saved.onReceipt(peer, payload);
    } else if (id === localExtensionId.gossip) {
      this.#parts.gossip.onMessage(peer, payload);
    } else if (id === localExtensionId.delay) {
      this.#parts.gentle.onMessage(peer, payload);
    } else if (id === localExtensionId.ltDontHave) {
      const { downloader } = this.#parts;
      if (downloader === null) keepEarlyLoss(peer, readDontHave(payload));
      else downloader.peerPieces.dontHave(peer, readDontHave(payload));
    }
  }

  /** Who has the metadata says its first one as an answer to our handshake, who lacks it perhaps without waiting. */
  #greeted(peer: Peer, payload: Uint8Array): void {
    const isFirst = peer.extensions === noExtensions;
    peer.extensions = readExtensionHandshake(payload, peer.extensions);
    const { maxQueuedRequests, metadataBytes } = peer.extensions;
    if (isFirst && metadataBytes !== null) peer.pipeline.answers.heard(this.#context.now - peer.openedAt);
    if (isFirst && peer.amInterested) this.#context.nextConnectionsAt = this.#context.now;
    if (maxQueuedRequests !== null) peer.pipeline.limitTo(maxQueuedRequests);
    if (this.#parts.metadata === null) this.#parts.fetch.fill();
    this.#parts.saved.tellPeer(peer);
    this.#parts.gentle.met(peer);
    this.#parts.gossip.met(peer);
  }

  /** BEP 9: answers a request from our metadata or rejects it; anything else belongs to our own fetch. */
  #metadata(peer: Peer, payload: Uint8Array): void {
    const { metadata, fetch } = this.#parts;
    const message = readMetadataMessage(payload, peer.extensions.metadataBytes);
    if (message === null) return;
    if (message.type !== 'request') {
      if (metadata === null) fetch.receive(peer, message);
      return;
    }
    if (this.#parts.uploader.metadata.request(peer, message.piece) || peer.extensions.utMetadata === 0) return;
    send(this.#context, peer, { type: 'extended', id: peer.extensions.utMetadata, payload: writeMetadataReject(message.piece) });
  }
}

function isFast(message: Message): boolean {
  const { type } = message;
  return type === 'haveAll' || type === 'haveNone' || type === 'reject' || type === 'suggest' || type === 'allowedFast';
}
