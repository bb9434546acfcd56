import { del, entries, set, type UseStore } from 'idb-keyval';
import type { InfoHash } from '../../shared/ids.ts';
import { catalogueName, deleteDatabase, openCatalogue } from './database.ts';
import { within } from './timing.ts';

/** What is remembered of a torrent from one start to the next; its pieces are in a database of their own. */
export interface TorrentRecord {
  readonly version: 1;
  readonly infoHash: InfoHash;
  readonly name: string;
  /** `null` while only the magnet link is known. */
  readonly infoBytes: Uint8Array | null;
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  /** One flag a file without padding files; `null` until the person has chosen. */
  readonly wanted: readonly boolean[] | null;
  /** Everything is wanted as soon as the metadata is here. */
  readonly autostart: boolean;
  readonly paused: boolean;
  /** Milliseconds since the epoch. */
  readonly addedAt: number;
  readonly mine: boolean;
  /** By file without padding files, where the browser gave handles; `null` where the files were not given by handle. */
  readonly handles: readonly (FileSystemFileHandle | null)[] | null;
}

const keyPrefix = 'torrent:';
const openWithinMs = 5000;

/** The torrent records of this origin. Where the browser refuses storage they live in memory only, and `inMemory` says so. */
export class Catalogue {
  readonly inMemory: boolean;
  /** The catalogue could not be opened and was begun anew. */
  readonly lost: boolean;
  readonly records: readonly TorrentRecord[];
  readonly #store: UseStore | null;

  constructor(store: UseStore | null, records: readonly TorrentRecord[], lost: boolean) {
    this.#store = store;
    this.inMemory = store === null;
    this.records = records;
    this.lost = lost;
  }

  /** Two tries, then a new database, then memory. */
  static async open(): Promise<Catalogue> {
    for (const attempt of [1, 2, 3]) {
      const store = openCatalogue();
      const [loaded] = await Promise.allSettled([within(openWithinMs, entries<string, unknown>(store))]);
      if (loaded.status === 'fulfilled') {
        const records = loaded.value.flatMap(([key, value]) => (key.startsWith(keyPrefix) && isRecord(value) ? [value] : []));
        return new Catalogue(store, records, attempt === 3);
      }
      if (attempt === 2) await Promise.allSettled([deleteDatabase(catalogueName)]);
    }
    return new Catalogue(null, [], false);
  }

  /** Resolves when written. A record that cannot be written costs nothing now; after the next start its torrent is gone from the list. */
  async put(record: TorrentRecord): Promise<void> {
    if (this.#store !== null) await Promise.allSettled([set(keyPrefix + record.infoHash, record, this.#store)]);
  }

  async remove(infoHash: InfoHash): Promise<void> {
    if (this.#store !== null) await del(keyPrefix + infoHash, this.#store);
  }
}

/** Only what this version wrote; the browser's storage is ours alone, so the version says the rest. */
function isRecord(value: unknown): value is TorrentRecord {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1;
}
