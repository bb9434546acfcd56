import type { Notice } from '../../bridge/protocol.ts';
import type { SnapshotChanges } from '../interfaces.ts';
import type { SnapshotPublisher, SnapshotSource } from './publisher.ts';

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
    return { changed: () => this.changed(id), awaited: () => this.awaited(id), progressed: () => this.#progressed(id) };
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
