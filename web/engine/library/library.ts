import { del, entries, set, type UseStore } from 'idb-keyval';
import type { InfoHash } from '../../../shared/ids.ts';
import { libraryName, openLibrary, openOrBeginAnew, retried, sweepDatabases } from '../storage/pieces/database.ts';
import { readRecord, type TorrentRecord } from './torrent-record.ts';

const keyPrefix = 'torrent:';

/** The torrent records of this origin. Where the browser refuses storage they live in memory only, and `inMemory` says so. */
export class Library {
  readonly inMemory: boolean;
  /** The library could not be opened and was created again, empty. */
  readonly lost: boolean;
  readonly records: readonly TorrentRecord[];
  readonly #store: UseStore | null;
  /** Of all records, also of those that this version cannot read. */
  readonly #infoHashes: readonly string[];
  #written: Promise<void> = Promise.resolve();
  /** The last write of each torrent. */
  readonly #newest = new Map<InfoHash, unknown>();

  constructor(store: UseStore | null, kept: readonly (readonly [string, unknown])[], lost: boolean) {
    this.#store = store;
    this.inMemory = store === null;
    const torrents = kept.filter(([key]) => key.startsWith(keyPrefix));
    this.#infoHashes = torrents.map(([key]) => key.slice(keyPrefix.length));
    this.records = torrents.flatMap(([, value]) => readRecord(value) ?? []);
    this.lost = lost;
  }

  static async open(): Promise<Library> {
    const opened = await openOrBeginAnew(libraryName, async () => {
      const store = openLibrary();
      return { store, kept: await entries<string, unknown>(store) };
    });
    if (opened === null) return new Library(null, [], false);
    const { store, kept } = opened.value;
    return new Library(store, kept, opened.lost);
  }

  /** Resolves when written, or when writing failed: then the torrent is missing from the list after the next start. */
  put(record: TorrentRecord): Promise<void> {
    return this.#write(record.infoHash, (store) => set(keyPrefix + record.infoHash, record, store));
  }

  remove(infoHash: InfoHash): Promise<void> {
    return this.#write(infoHash, (store) => del(keyPrefix + infoHash, store));
  }

  /**
   * Deletes the pieces of torrents that are not in here. To be awaited before a torrent is added: what is added later is not looked at. A
   * library that was lost or refused deletes nothing, and a record that this version cannot read keeps its pieces.
   */
  async sweep(): Promise<void> {
    if (!this.inMemory && !this.lost) await sweepDatabases(this.#infoHashes);
  }

  /** Resolves when everything is written: another tab may read it. */
  flush(): Promise<void> {
    return this.#written;
  }

  /** A write that failed is not tried again once there is a newer one: it would undo that, and bring back what was removed. */
  #write(infoHash: InfoHash, write: (store: UseStore) => Promise<void>): Promise<void> {
    const store = this.#store;
    if (store === null) return Promise.resolve();
    this.#newest.set(infoHash, write);
    const written = retried(async () => this.#newest.get(infoHash) === write && write(store));
    this.#written = Promise.allSettled([this.#written, written]).then(() => undefined);
    return this.#written;
  }
}
