import { randomSeed } from '../lib/random-seed.ts';
import { failureOf } from '../../../shared/failure.ts';
import type { InfoHash, LinkId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import type { Effect, Event, TorrentStatus } from '../../../shared/swarm/events.ts';
import { strategySettings } from '../../../shared/swarm/strategy/settings.ts';
import { Torrent } from '../../../shared/swarm/torrent.ts';
import { EffectPerformer, type PerformerHost } from './effects.ts';
import { WebSeedFetcher } from './web-seeds.ts';
import type {
  DriverOptions,
  Hashing,
  Link,
  SwarmListener,
  OpenTorrent,
  Swarm,
  TorrentDriver,
  TorrentHost,
  Transferred,
  OpenedInfo,
} from '../interfaces.ts';

const noPieces = new Uint8Array(0);

/**
 * Runs one torrent: queue → `Torrent.step` → effects. Events that arrive while effects are performed are queued. When the queue is empty,
 * every link is flushed and one timer is set for `wakeAt`. An exception of our own stops this torrent only.
 */
export class Driver implements TorrentDriver, PerformerHost, SwarmListener {
  readonly infoHash: InfoHash;
  readonly hashing: Hashing;
  readonly host: TorrentHost;
  readonly links = new Map<LinkId, Link>();
  readonly webSeeds: WebSeedFetcher;
  swarm: Swarm | null = null;
  readonly #options: DriverOptions;
  readonly #torrent: Torrent;
  readonly #performer: EffectPerformer;
  readonly #trackers: Set<string>;
  readonly #queue: Event[] = [];
  readonly #effects: Effect[] = [];
  #isDraining = false;
  #isOver = false;
  #isComplete = false;
  #hasPieces = false;
  #expectedPeers = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.infoHash = options.infoHash;
    this.hashing = options.hashing;
    this.host = options.host;
    this.#trackers = new Set(options.trackers);
    this.webSeeds = new WebSeedFetcher(options.infoHash, options.webSeeds);
    const { infoHash, connections, name, limits } = options;
    const identity = { infoHash, peerId: connections.peerId, client: connections.client, name };
    this.#torrent = new Torrent(identity, seededRandom(randomSeed()), strategySettings(options.strategy), limits);
    this.#performer = new EffectPerformer(this);
  }

  get have(): Uint8Array {
    return this.#torrent.have?.bytes ?? noPieces;
  }

  status(): TorrentStatus {
    return this.#torrent.status();
  }

  readonly feed = (event: Event): void => {
    if (this.#isOver) return;
    this.#queue.push(event);
    if (!this.#isDraining) this.#drain();
  };

  open(torrent: OpenTorrent): void {
    this.#performer.open(torrent);
  }

  learn(infoBytes: Uint8Array): void {
    if (!this.#isOver) this.#performer.learn(infoBytes);
  }

  resume(): void {
    if (this.#isOver) return;
    if (this.swarm === null) {
      const { connections, infoHash, changes } = this.#options;
      const isInView = (): boolean => changes.isInView();
      const transferred = (): Transferred => this.#transferred();
      const parts = { trackers: [...this.#trackers], complete: this.#isComplete, transferred, isInView };
      this.swarm = connections.join({ infoHash, ...parts, listener: this });
    }
    this.tellWebSeeds();
    this.feed({ kind: 'resume' });
  }

  pause(): void {
    this.feed({ kind: 'pause' });
    this.#leave();
  }

  addTrackers(urls: readonly string[]): void {
    for (const url of urls) this.#trackers.add(url);
    this.swarm?.addTrackers(urls);
  }

  addWebSeeds(urls: readonly string[]): void {
    this.webSeeds.add(urls);
    this.tellWebSeeds();
  }

  tellWebSeeds(): void {
    const { count } = this.webSeeds;
    if (count > 0) this.feed({ kind: 'webSeeds', count, policy: this.#options.webSeedPolicy() });
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#leave();
    this.#performer.stop();
    this.#queue.length = 0;
  }

  opened(link: Link, { initiator, who: introduction, certificate }: OpenedInfo): void {
    this.links.set(link.id, link);
    this.feed({ kind: 'linkOpened', link: link.id, initiator, introduction, certificate });
  }

  closed(link: LinkId): void {
    this.links.delete(link);
    this.feed({ kind: 'linkClosed', link });
  }

  changed(): void {
    if (this.webSeeds.count > 0) this.#tellExpected();
    this.#options.changes.changed();
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.stop();
    this.host.failed(failureOf(error, 'torrentFailed'), error);
  }

  #drain(): void {
    this.#isDraining = true;
    this.#options.stepping();
    try {
      for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) this.#step(event);
      for (const link of this.links.values()) link.flush();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#isDraining = false;
    }
    if (this.#isOver) return;
    this.#tellComplete();
    this.#setTimer();
    this.#tellProgress();
  }

  #step(event: Event): void {
    this.#torrent.step(performance.now(), event, this.#effects);
    for (const effect of this.#effects) this.#performer.perform(effect);
    this.#effects.length = 0;
  }

  #tellExpected(): void {
    const known = (this.swarm?.seeds ?? 0) + (this.swarm?.leeches ?? 0);
    const peers = Math.max(known, this.links.size + (this.swarm?.connecting ?? 0));
    if (peers === this.#expectedPeers) return;
    this.#expectedPeers = peers;
    this.feed({ kind: 'expected', peers });
  }

  #tellComplete(): void {
    if (this.#torrent.isComplete === this.#isComplete) return;
    this.#isComplete = this.#torrent.isComplete;
    this.swarm?.setComplete(this.#isComplete);
  }

  /** People wait for the first verified piece, so the page hears of it at once; later pieces only change numbers. */
  #tellProgress(): void {
    const hasPieces = (this.#torrent.have?.count ?? 0) > 0;
    if (hasPieces === this.#hasPieces) return this.#options.changes.progressed();
    this.#hasPieces = hasPieces;
    this.#options.changes.awaited();
  }

  /** One timer, moved only to an earlier time. A later `wakeAt` is read when the timer fires. */
  #setTimer(): void {
    const wakeAt = this.#torrent.wakeAt();
    if (wakeAt >= this.#timerAt || wakeAt === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#timerAt = wakeAt;
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, wakeAt - performance.now()));
  }

  #wake(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.feed({ kind: 'tick' });
  }

  #leave(): void {
    this.swarm?.stop();
    this.swarm = null;
    this.links.clear();
  }

  #transferred(): Transferred {
    const { downBytes, upBytes, verifiedBytes } = this.#torrent.status();
    const { geometry } = this.#torrent;
    return {
      uploadedBytes: upBytes,
      downloadedBytes: downBytes,
      leftBytes: geometry === null ? null : geometry.totalBytes - verifiedBytes,
    };
  }
}
