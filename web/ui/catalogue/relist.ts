import type { InfoHash } from '../../../shared/ids.ts';
import { shownText } from '../../../shared/shown-text.ts';
import type { ListedShare, Listing } from '../../../shared/tracker/listing.ts';
import type { TorrentSnapshot } from '../../bridge/protocol.ts';

/** What {@link Relister} needs of the catalogue and of the page's memory. */
export interface RelistHost {
  readonly fetchShare: (infoHash: InfoHash) => Promise<ListedShare | null>;
  readonly listShare: (listing: Listing) => Promise<unknown>;
  readonly unlistOwnShare: (infoHash: InfoHash) => Promise<unknown>;
  readonly readListed: () => ReadonlySet<InfoHash>;
  readonly wait: (ms: number) => Promise<void>;
}

/** The tracker lists only what it has seen a seed of, and our announce may come after the question. What it refuses thrice is left. */
const patienceMs = [1000, 3000, 10_000];

/**
 * Lists the shares of this browser again that a tracker forgot in a restart. To be told of the torrents whenever they change; asks once each
 * time the tracker has come back to a share.
 */
export class Relister {
  readonly #host: RelistHost;
  /** Shares at whose tracker everything is in order since the last look. */
  readonly #settled = new Set<InfoHash>();

  constructor(host: RelistHost) {
    this.#host = host;
  }

  /** `tracker`: the one whose catalogue it is. */
  look(snapshots: Iterable<TorrentSnapshot>, tracker: string): void {
    for (const snapshot of snapshots) {
      const { infoHash, phase, trackers } = snapshot;
      if (infoHash === null) continue;
      const isWorking = phase === 'seeding' && trackers.some(({ url, state }) => url === tracker && state === 'working');
      if (!isWorking) this.#settled.delete(infoHash);
      else if (!this.#settled.has(infoHash)) {
        this.#settled.add(infoHash);
        if (this.#isWanted(infoHash)) void this.#list(listingOf(snapshot, infoHash));
      }
    }
  }

  async #list(listing: Listing): Promise<void> {
    for (const ms of patienceMs) {
      await this.#host.wait(ms);
      const [done] = await Promise.allSettled([this.#listOnce(listing)]);
      if (done.status === 'fulfilled') return;
    }
  }

  /** The person may unlist it while we wait, or while the tracker lists it. */
  async #listOnce(listing: Listing): Promise<void> {
    const { infoHash } = listing;
    if (!this.#isWanted(infoHash) || (await this.#host.fetchShare(infoHash)) !== null) return;
    await this.#host.listShare(listing);
    if (!this.#isWanted(infoHash)) await this.#host.unlistOwnShare(infoHash);
  }

  #isWanted(infoHash: InfoHash): boolean {
    return this.#host.readListed().has(infoHash);
  }
}

function listingOf({ name, totalBytes, fileCount }: TorrentSnapshot, infoHash: InfoHash): Listing {
  return { infoHash, name: shownText(name), sizeBytes: totalBytes, fileCount };
}
