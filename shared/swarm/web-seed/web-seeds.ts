import { itemAt } from '../../assert.ts';
import type { LinkId, Milliseconds, PeerId, PieceIndex } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { Allowance } from '../bandwidth/allowance.ts';
import type { Downloader } from '../download/downloader.ts';
import type { Event, SourceIndex, WebSeedPolicy } from '../events.ts';
import { assignedTo } from './rendezvous.ts';
import type { Context, Peer } from '../peer/peer.ts';
import type { PartialPiece } from '../download/partial-pieces.ts';
import { Rate } from '../lib/rate.ts';
import { sourceLink } from '../lib/source-link.ts';

/**
 * Web seeds (BEP 19, https://www.bittorrent.org/beps/bep_0019.html): servers that have everything, asked for whole pieces alone, so that
 * a bad hash convicts them. Unlike BEP 19, which lets every client fill its own gaps, a swarm shares the work: a piece that nobody has is
 * fetched by the one peer that it is assigned to (rendezvous.ts), and the others get it from that one. So a server that many pages open at
 * once gives each byte about once.
 *
 * A decision rests on: the policy, who is connected and who is expected, the availability of pieces, and how fast the swarm gives.
 * A source is in exactly one of: banned, resting until `readyAt`, ready.
 */
interface Source {
  failures: number;
  readyAt: Milliseconds;
  isBanned: boolean;
}

/** Its handshake is here. */
type MetPeer = Peer & { readonly peerId: PeerId };

type WebSeedEvent = Extract<Event, { kind: 'webSeeds' | 'expected' | 'fetched' | 'fetchFailed' }>;

interface Fetch {
  readonly source: SourceIndex;
  readonly partial: PartialPiece;
}

/** The longest rest of a source that fails, and the longest it may ask for. */
const mostRestMs = 300_000;
const mostRetryAfterMs = 3_600_000;

/** What a piece may take at the limit, and two are fetched at once all the same. */
const longPieceMs: Milliseconds = 250;

export class WebSeeds {
  /** Something changed, so more may be fetched. */
  isDue = false;
  /** Of the block that a fetch counts when it begins. The rest of its piece is counted when it is here: many fetches bring nothing. */
  readonly allowance: Allowance;
  readonly #context: Context;
  readonly #recent = new Rate(5);
  readonly #sources: Source[] = [];
  readonly #fetches = new Map<PieceIndex, Fetch>();
  #policy: WebSeedPolicy = 'gaps';
  #metadataFrom: SourceIndex | null = null;
  #expectedPeers = 0;
  /** Since when peers are waited for: the start, or the loss of the last one. */
  #waitingSince: Milliseconds = 0;
  #hadPeers = false;
  /** When we last had a piece of our own share to fetch. */
  #shareLeftAt: Milliseconds = 0;
  /** When the swarm was last fast enough, and its bytes then. */
  #briskAt: Milliseconds = 0;
  #briskBytes = 0;

  constructor(context: Context) {
    this.#context = context;
    this.allowance = new Allowance(context.limits.down);
  }

  /** A source may be asked now or later, so ticks are needed. */
  get isHopeful(): boolean {
    return this.#policy !== 'never' && this.#sources.some(({ isBanned }) => !isBanned);
  }

  get fetches(): number {
    return this.#fetches.size + (this.#metadataFrom === null ? 0 : 1);
  }

  downRate(): number {
    return this.#recent.shown(this.#context.now);
  }

  /** `downloader`: `null` while the metadata is unknown. */
  onEvent(event: WebSeedEvent, downloader: Downloader | null): void {
    this.isDue = true;
    switch (event.kind) {
      case 'webSeeds':
        while (this.#sources.length < event.count) this.#sources.push({ failures: 0, readyAt: 0, isBanned: false });
        this.#policy = event.policy;
        if (event.policy === 'never') this.#leaveToPeers(downloader);
        return;
      case 'expected':
        this.#expectedPeers = event.peers;
        return;
      case 'fetched':
        return this.#fetched(event.source, event.piece, event.bytes, downloader);
      case 'fetchFailed':
        return this.#failed(event.source, event.piece, event.retryAfterMs, downloader);
    }
  }

  start(): void {
    this.#waitingSince = this.#context.now;
    this.#shareLeftAt = this.#context.now;
    this.#markBrisk();
    this.isDue = true;
  }

  /** Gives up every fetch. The pieces are dropped with everything else that is unfinished. */
  stop(): void {
    if (this.fetches > 0) this.#context.out.push({ kind: 'stopFetches' });
    this.#fetches.clear();
    this.#metadataFrom = null;
  }

  /** Frees the pieces that are being fetched, so that peers can be asked for them. */
  #leaveToPeers(downloader: Downloader | null): void {
    for (const { partial } of this.#fetches.values()) downloader?.whole.failed(partial);
    this.stop();
  }

  /** The metadata is known, wherever it came from. */
  learned(): void {
    this.#metadataFrom = null;
    this.isDue = true;
  }

  tick(): void {
    const { now, config } = this.#context;
    const hasPeers = this.#met().length > 0;
    if (this.#hadPeers && !hasPeers) this.#waitingSince = now;
    this.#hadPeers = hasPeers;
    if (this.#peerBytes - this.#briskBytes >= config.webSeedSlowBytes || !hasPeers) this.#markBrisk();
    this.isDue = true;
  }

  /** Fetches what it may. `downloader`: `null` while the metadata is unknown. */
  fill(downloader: Downloader | null): void {
    this.isDue = false;
    if (!this.isHopeful || !this.#isWaitOver()) return;
    if (downloader === null) return this.#fetchMetadata();
    if (downloader.storageFull) return;
    while (this.#fetches.size < this.#mostFetches()) {
      const source = this.#readySource();
      if (source === -1) return;
      if (!this.allowance.take(this.#context.now, blockBytes)) return;
      const partial = this.#choose(downloader, sourceLink(source));
      if (partial === null) return this.allowance.giveBack(blockBytes);
      this.#fetches.set(partial.piece, { source, partial });
      this.#context.out.push({ kind: 'fetch', source, piece: partial.piece });
    }
  }

  /** One where a piece takes a while at the limit: two would come at once, and everybody else would wait for both. */
  #mostFetches(): number {
    const { config, limits, metadata } = this.#context;
    const pieceLength = metadata?.geometry.pieceLength ?? 0;
    const isLong = limits.down.some(({ bytesPerSecond }) => bytesPerSecond !== null && (1000 * pieceLength) / bytesPerSecond > longPieceMs);
    return isLong ? 1 : config.webSeedFetches;
  }

  #fetched(source: SourceIndex, piece: PieceIndex, bytes: Uint8Array, downloader: Downloader | null): void {
    const fetch = this.#end(source, piece);
    if (fetch === null || downloader === null) return;
    // Asked before another piece convicted it.
    const sender = itemAt(this.#sources, source);
    if (sender.isBanned) return downloader.whole.failed(fetch.partial);
    sender.failures = 0;
    for (const limit of this.#context.limits.down) limit.book(this.#context.now, Math.max(0, bytes.length - blockBytes));
    this.#recent.add(this.#context.now, bytes.length);
    this.#context.downBytes += bytes.length;
    downloader.whole.arrived(fetch.partial, bytes);
  }

  #failed(source: SourceIndex, piece: PieceIndex | null, retryAfterMs: Milliseconds | null, downloader: Downloader | null): void {
    const fetch = piece === null ? null : this.#end(source, piece);
    if (fetch !== null) downloader?.whole.failed(fetch.partial);
    if (piece === null && this.#metadataFrom === source) this.#metadataFrom = null;
    const failing = itemAt(this.#sources, source);
    failing.failures++;
    const ownMs = Math.min(1000 * 2 ** failing.failures, mostRestMs);
    failing.readyAt = this.#context.now + Math.max(ownMs, Math.min(retryAfterMs ?? 0, mostRetryAfterMs));
  }

  /** A piece that came from this source alone was corrupt. */
  convict(source: SourceIndex): void {
    itemAt(this.#sources, source).isBanned = true;
  }

  #end(source: SourceIndex, piece: PieceIndex): Fetch | null {
    const fetch = this.#fetches.get(piece);
    // The answer to a fetch that was given up may still arrive.
    if (fetch?.source !== source) return null;
    this.#fetches.delete(piece);
    return fetch;
  }

  #fetchMetadata(): void {
    const { now, config, peers } = this.#context;
    const isOffered = [...peers.values()].some(({ extensions }) => extensions.metadataBytes !== null);
    if (this.#metadataFrom !== null || (isOffered && now - this.#waitingSince < config.webSeedExpectedMs)) return;
    const source = this.#readySource();
    if (source === -1) return;
    this.#metadataFrom = source;
    this.#context.out.push({ kind: 'fetchMetadata', source });
  }

  /** Enough of the expected peers are connected, or we have waited long enough for them. */
  #isWaitOver(): boolean {
    const { now, config } = this.#context;
    if (this.#policy === 'always') return true;
    const met = this.#met().length;
    if (met > 0 && met >= this.#expectedPeers) return true;
    const isLonely = this.#expectedPeers > 0 && met < config.webSeedCompany;
    return now - this.#waitingSince >= (isLonely ? config.webSeedExpectedMs : config.webSeedAloneMs);
  }

  #choose({ availability, whole }: Downloader, link: LinkId): PartialPiece | null {
    const { now, config } = this.#context;
    const isMissing = (piece: PieceIndex): boolean => availability.of(piece) === 0;
    const rivals = this.#met().filter((peer) => !peer.isComplete);
    const isOurs = assignedTo(
      this.#context.ownId,
      rivals.map(({ peerId }) => peerId),
    );
    const own = whole.start(link, (piece) => isMissing(piece) && isOurs(piece));
    if (own !== null) {
      this.#shareLeftAt = now;
      return own;
    }
    if (this.#policy === 'always') return whole.start(link, isMissing) ?? whole.start(link, () => true);
    // Pieces assigned to others are fetched one at a time: those peers may be fetching them.
    if (this.#fetches.size > 0) return null;
    const gap = now - this.#shareLeftAt >= config.webSeedShareMs ? whole.start(link, isMissing) : null;
    const isSlow = now - this.#briskAt >= config.webSeedSlowMs;
    return gap ?? (isSlow ? whole.start(link, () => true) : null);
  }

  /** The ready source with the fewest failures, or −1. */
  #readySource(): SourceIndex {
    let best = -1;
    for (const [index, { isBanned, readyAt, failures }] of this.#sources.entries()) {
      if (isBanned || readyAt > this.#context.now) continue;
      if (best === -1 || failures < itemAt(this.#sources, best).failures) best = index;
    }
    return best;
  }

  /** Peers whose handshake is here. */
  #met(): MetPeer[] {
    return [...this.#context.peers.values()].filter((peer): peer is MetPeer => peer.peerId !== null);
  }

  get #peerBytes(): number {
    return this.#context.downBytes - this.#recent.total;
  }

  #markBrisk(): void {
    this.#briskAt = this.#context.now;
    this.#briskBytes = this.#peerBytes;
  }
}
