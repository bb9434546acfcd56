import type { Notice, TorrentSnapshot } from '../../bridge/protocol.ts';
import type { SnapshotChanges } from '../interfaces.ts';

/** What a person did shows within this. */
const intervalMs = 250;
/** Of a hidden page people see only the tab's title and the question on leaving it. */
const hiddenIntervalMs = 5000;
/**
 * Numbers and bars: each update costs the browser about 15 ms. With one seed and three leeches on two cores, updates twice a second took 7 %
 * of the CPU. Transfers that run for a while are updated this rarely; a transfer that just started is seen to move.
 */
const slowestProgressMs = 2000;
/** The next update comes after this share of the time that the transfer has run. */
const progressShare = 1 / 8;
/** Numbers that did not change for so long start again at the short interval. */
const progressRestMs = 3000;
/** Rates fall by themselves: torrents with peers are published again after this time. */
const refreshMs = 2000;

/** A page, here or in another tab. */
export interface NoticePort {
  postMessage(message: { readonly notice: Notice }): void;
}

/** A torrent, as the publisher sees it. */
export interface SnapshotSource {
  snapshot(watched: boolean): TorrentSnapshot;
}

/**
 * Publishes snapshots of the torrents that changed: at once what a person waits for, otherwise at most four times a second (every two
 * seconds at length where only numbers change, every five while the page is hidden). Each page that sees the engine has its own.
 */
export class SnapshotPublisher {
  readonly #page: NoticePort;
  readonly #published: () => void;
  #shown: ReadonlyMap<string, SnapshotSource> = new Map();
  readonly #changed = new Set<string>();
  readonly #lively = new Set<string>();
  #watched: ReadonlySet<string> = new Set();
  #visible = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #lastAt = Number.NEGATIVE_INFINITY;
  #progressSince = Number.NEGATIVE_INFINITY;
  #progressAt = Number.NEGATIVE_INFINITY;
  /** Since the last publication. */
  #hasProgressed = false;

  /** `published` is called after each time the page was told. */
  constructor(page: NoticePort, published: () => void) {
    this.#page = page;
    this.#published = published;
  }

  notify(notice: Notice): void {
    this.#page.postMessage({ notice });
  }

  /** From now on these torrents are published. The map is live. */
  show(torrents: ReadonlyMap<string, SnapshotSource>): void {
    this.#shown = torrents;
    this.#changed.clear();
    this.#lively.clear();
    for (const id of torrents.keys()) this.#changed.add(id);
    this.#plan(intervalMs);
  }

  changed(id: string): void {
    this.#changed.add(id);
    this.#plan(intervalMs);
  }

  /** People wait for this: a link, a list of files, the first piece, the end. */
  awaited(id: string): void {
    this.#changed.add(id);
    this.#plan(0);
  }

  progressed(id: string): void {
    this.#changed.add(id);
    if (this.#hasProgressed) return;
    this.#hasProgressed = true;
    const now = performance.now();
    if (now - this.#progressAt > progressRestMs) this.#progressSince = now;
    this.#plan(Math.min(slowestProgressMs, Math.max(intervalMs, progressShare * (now - this.#progressSince))));
  }

  watch(ids: readonly string[]): void {
    this.#watched = new Set(ids);
    for (const id of ids) this.changed(id);
  }

  /** Watched alone: the Library watches all, and prefers none. */
  isInView(id: string): boolean {
    return this.#watched.size === 1 && this.#watched.has(id);
  }

  visible(visible: boolean): void {
    this.#visible = visible;
    if (!visible) return;
    for (const id of this.#shown.keys()) this.#changed.add(id);
    this.#plan(0);
  }

  /** The first change after a pause is published at once. */
  #plan(delayMs: number): void {
    const at = Math.max(performance.now(), this.#lastAt + (this.#visible ? delayMs : Math.max(delayMs, hiddenIntervalMs)));
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#tell(), at - performance.now());
  }

  #tell(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#lastAt = performance.now();
    if (this.#hasProgressed) this.#progressAt = this.#lastAt;
    this.#hasProgressed = false;
    for (const id of this.#lively) this.#changed.add(id);
    const torrents: TorrentSnapshot[] = [];
    for (const id of this.#changed) {
      const snapshot = this.#shown.get(id)?.snapshot(this.#watched.has(id));
      this.#lively.delete(id);
      if (snapshot === undefined) continue;
      torrents.push(snapshot);
      if (snapshot.peers.length > 0) this.#lively.add(id);
    }
    this.#changed.clear();
    if (torrents.length > 0) {
      this.notify({ kind: 'snapshots', torrents });
      this.#published();
    }
    if (this.#lively.size > 0) this.#plan(refreshMs);
  }
}

/** The publishers of all pages that see this engine: each has its own pace, and watches its own torrents. */
export class SnapshotPublishers {
  readonly #all = new Set<SnapshotPublisher>();
  #shown: ReadonlyMap<string, SnapshotSource> = new Map();

  add(publisher: SnapshotPublisher): void {
    this.#all.add(publisher);
    publisher.show(this.#shown);
  }

  delete(publisher: SnapshotPublisher): void {
    this.#all.delete(publisher);
    publisher.show(new Map());
  }

  notify(notice: Notice): void {
    for (const publisher of this.#all) publisher.notify(notice);
  }

  changesOf(id: string): SnapshotChanges {
    return {
      changed: () => this.changed(id),
      awaited: () => this.awaited(id),
      progressed: () => this.#progressed(id),
      isInView: () => [...this.#all].some((publisher) => publisher.isInView(id)),
    };
  }

  /** From now on these torrents are published. The map is live. */
  show(torrents: ReadonlyMap<string, SnapshotSource>): void {
    this.#shown = torrents;
    for (const publisher of this.#all) publisher.show(torrents);
  }

  changed(id: string): void {
    for (const publisher of this.#all) publisher.changed(id);
  }

  awaited(id: string): void {
    for (const publisher of this.#all) publisher.awaited(id);
  }

  #progressed(id: string): void {
    for (const publisher of this.#all) publisher.progressed(id);
  }
}
