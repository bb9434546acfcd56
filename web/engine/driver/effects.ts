import { randomSeed } from '../lib/random-seed.ts';
import { blockHashes } from '../../../shared/block-hash.ts';
import { assert } from '../../../shared/assert.ts';
import { equalBytes } from '../../../shared/bytes.ts';
import type { BlockRef, LinkId, PieceIndex } from '../../../shared/ids.ts';
import { blockBytes } from '../../../shared/limits.ts';
import type { Effect, Event, SourceIndex } from '../../../shared/swarm/events.ts';
import type { Geometry } from '../../../shared/torrent/geometry.ts';
import type { WebSeedFetcher } from './web-seeds.ts';
import type { Buffers, Hashing, Link, OpenTorrent, Swarm, TorrentHost } from '../interfaces.ts';

const sha1Bytes = 20;

/** What the performer needs of the driver. */
export interface PerformerHost {
  readonly hashing: Hashing;
  readonly host: TorrentHost;
  readonly swarm: Swarm | null;
  readonly links: Map<LinkId, Link>;
  readonly webSeeds: WebSeedFetcher;
  feed(event: Event): void;
  fail(error: unknown): void;
}

/** Performs a torrent's effects: sends, reads, assembles, hashes, stores. Results are fed back as events. */
export class EffectPerformer {
  readonly #host: PerformerHost;
  /** `null` while the metadata is unknown. */
  #opened: { readonly torrent: OpenTorrent; readonly buffers: PieceBuffers } | null = null;
  /** Metadata may arrive from peers and from a web seed at the same time: each is checked in turn, and the first valid one is taken. */
  #opening: Promise<boolean> = Promise.resolve(false);
  readonly #blockHashKey = randomSeed();

  constructor(host: PerformerHost) {
    this.#host = host;
  }

  open(torrent: OpenTorrent): void {
    const { buffers, geometry, infoBytes, pieces } = torrent;
    this.#opened = { torrent, buffers: new PieceBuffers(buffers, geometry) };
    this.#host.feed({ kind: 'metadata', geometry, infoBytes, have: pieces.have });
  }

  /** Metadata that no peer sent. */
  learn(infoBytes: Uint8Array): void {
    this.#start(this.#openOnce(infoBytes).then(() => undefined));
  }

  perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        return this.#host.links.get(effect.link)?.send(effect.message);
      case 'sendBlock':
        return this.#sendBlock(effect.link, effect);
      case 'sendMetadata':
        return this.#host.links.get(effect.link)?.send(effect.message, effect.bytes);
      case 'close':
        this.#host.links.delete(effect.link);
        return this.#host.swarm?.close(effect.link, effect.code);
      case 'connections':
        return this.#host.swarm?.setConnections(effect.link, effect.count);
      case 'useConnections':
        return this.#host.links.get(effect.link)?.useConnections(effect.count);
      case 'connectionSignal':
        return this.#host.swarm?.connectionSignal(effect.link, effect.signal);
      case 'receipt':
        return this.#host.host.receipt(effect.receipt);
      case 'ban':
        return this.#host.swarm?.ban(effect.who);
      case 'write':
        return this.#open.buffers.write(effect.piece, effect.begin, effect.block);
      case 'verify':
        return this.#start(this.#verify(effect.piece, effect.hashBlocks));
      case 'discard':
        return this.#open.buffers.discard(effect.piece);
      case 'verifyMetadata':
        return this.#start(this.#verifyMetadata(effect.bytes));
      case 'fetch':
        return this.#start(this.#fetch(effect.source, effect.piece));
      case 'fetchMetadata':
        return this.#start(this.#fetchMetadata(effect.source));
      case 'stopFetches':
        return this.#host.webSeeds.stop();
      case 'completed':
        return this.#host.host.completed();
    }
  }

  /** Drops unfinished pieces and stops fetches. */
  stop(): void {
    this.#opened?.buffers.clear();
    this.#host.webSeeds.stop();
  }

  /** Effects on pieces follow `metadata`. */
  get #open(): { readonly torrent: OpenTorrent; readonly buffers: PieceBuffers } {
    assert(this.#opened !== null, 'a torrent asks for its pieces once it has its metadata');
    return this.#opened;
  }

  #start(work: Promise<void>): void {
    work.catch((error: unknown) => this.#host.fail(error));
  }

  #sendBlock(id: LinkId, block: BlockRef & { readonly readBytes: number }): void {
    const bytes = this.#open.torrent.pieces.inMemory(block.piece, block.begin, block.length);
    if (bytes === null) return this.#start(this.#readBlock(id, block).finally(() => this.#readDone(id, block.readBytes)));
    this.#host.links.get(id)?.sendBlock(block.piece, block.begin, bytes);
    this.#readDone(id, block.readBytes);
  }

  #readDone(link: LinkId, bytes: number): void {
    if (bytes > 0) this.#host.feed({ kind: 'readDone', link, bytes });
  }

  async #readBlock(id: LinkId, { piece, begin, length }: BlockRef): Promise<void> {
    const { pieces } = this.#open.torrent;
    const block = await pieces.read(piece, begin, length);
    const link = this.#host.links.get(id);
    if (link === undefined) return;
    if (block === null) this.#host.feed({ kind: 'blockLost', link: id, isKept: pieces.isAway(piece), piece, begin, length });
    else link.sendBlock(piece, begin, block);
  }

  /** If the hash is right, the buffer goes to storage, and `verified` waits until a crash would cost little. Otherwise the buffer goes back. */
  async #verify(piece: PieceIndex, hashBlocks: boolean): Promise<void> {
    const { torrent, buffers } = this.#open;
    const bytes = buffers.take(piece);
    const hash = await this.#host.hashing.sha1(bytes);
    const ok = equalBytes(hash, torrent.pieceHashes.subarray(piece * sha1Bytes, (piece + 1) * sha1Bytes));
    const hashes = ok && !hashBlocks ? {} : { blockHashes: blockHashes(bytes, blockBytes, this.#blockHashKey) };
    if (ok) {
      this.#host.feed({ kind: 'hashed', piece });
      this.#start(torrent.pieces.store(piece, bytes));
      await torrent.pieces.ready();
    } else torrent.buffers.giveBack(bytes);
    this.#host.feed({ kind: 'verified', piece, ok, ...hashes });
  }

  async #verifyMetadata(bytes: Uint8Array): Promise<void> {
    if (!(await this.#openOnce(bytes))) this.#host.feed({ kind: 'metadataBad' });
  }

  /** Whether the torrent is open now. */
  #openOnce(bytes: Uint8Array): Promise<boolean> {
    this.#opening = this.#opening.then(async () => {
      if (this.#opened !== null) return true;
      const torrent = await this.#host.host.openMetadata(bytes);
      if (torrent !== null) this.open(torrent);
      return torrent !== null;
    });
    return this.#opening;
  }

  async #fetch(source: SourceIndex, piece: PieceIndex): Promise<void> {
    const fetched = await this.#host.webSeeds.piece(source, this.#open.torrent, piece);
    if (fetched === 'stopped') return;
    if (fetched instanceof Uint8Array) this.#host.feed({ kind: 'fetched', source, piece, bytes: fetched });
    else this.#host.feed({ kind: 'fetchFailed', source, piece, retryAfterMs: fetched.retryAfterMs });
  }

  async #fetchMetadata(source: SourceIndex): Promise<void> {
    const fetched = await this.#host.webSeeds.metadata(source);
    if (fetched === 'stopped') return;
    const isOpen = fetched instanceof Uint8Array && (await this.#openOnce(fetched));
    if (isOpen) return;
    const retryAfterMs = fetched instanceof Uint8Array ? null : fetched.retryAfterMs;
    this.#host.feed({ kind: 'fetchFailed', source, piece: null, retryAfterMs });
  }
}

/** The buffers of unfinished pieces: each is taken from the pool at its piece's first block and handed on whole. */
class PieceBuffers {
  readonly #pool: Buffers;
  readonly #geometry: Geometry;
  readonly #buffers = new Map<PieceIndex, Uint8Array<ArrayBuffer>>();

  constructor(pool: Buffers, geometry: Geometry) {
    this.#pool = pool;
    this.#geometry = geometry;
  }

  write(piece: PieceIndex, begin: number, block: Uint8Array): void {
    let buffer = this.#buffers.get(piece);
    if (buffer === undefined) {
      buffer = this.#pool.take(this.#geometry.pieceBytes(piece));
      this.#buffers.set(piece, buffer);
    }
    buffer.set(block, begin);
  }

  /** The buffer changes its owner. */
  take(piece: PieceIndex): Uint8Array<ArrayBuffer> {
    const buffer = this.#buffers.get(piece);
    if (buffer === undefined) throw new Error(`piece ${piece} was to be verified without a block`);
    this.#buffers.delete(piece);
    return buffer;
  }

  discard(piece: PieceIndex): void {
    const buffer = this.#buffers.get(piece);
    if (buffer === undefined) return;
    this.#buffers.delete(piece);
    this.#pool.giveBack(buffer);
  }

  clear(): void {
    for (const piece of this.#buffers.keys()) this.discard(piece);
  }
}
