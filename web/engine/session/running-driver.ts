import { BandwidthLimit } from '../../../shared/swarm/bandwidth/bandwidth-limit.ts';
import { readStrategy } from '../../../shared/torrent/magnet/strategy.ts';
import { Driver } from '../driver/driver.ts';
import type { SnapshotChanges, TorrentDriver, TorrentHost } from '../interfaces.ts';
import { fitsFreely } from '../storage/background-copy.ts';
import type { TorrentStorage } from '../storage/torrent-storage.ts';
import type { SessionContext } from './context.ts';
import { isSetAside } from './crash-count.ts';
import { prioritiesOf } from '../storage/shown-files.ts';
import { sourcesOf } from './sources.ts';
import { filesToFetch, suggestedFiles, type TorrentRecord } from '../library/torrent-record.ts';

/** The torrent around its driver. */
export interface DrivenTorrent extends TorrentHost {
  readonly record: TorrentRecord;
  /** `null` while the metadata is unknown. */
  readonly storage: TorrentStorage | null;
  remember(change: Partial<TorrentRecord>): void;
}

/** The driver of one torrent, told what the record says, and replaced where a driver cannot go on. */
export class RunningDriver {
  driver: TorrentDriver;
  /** Wanted pieces from this one on are not asked for yet. */
  windowEnd = Number.POSITIVE_INFINITY;
  readonly #torrent: DrivenTorrent;
  readonly #context: SessionContext;
  readonly #changes: SnapshotChanges;
  readonly #down = new BandwidthLimit();
  readonly #up = new BandwidthLimit();

  constructor(torrent: DrivenTorrent, context: SessionContext, changes: SnapshotChanges) {
    this.#torrent = torrent;
    this.#context = context;
    this.#changes = changes;
    this.#readLimits();
    this.driver = this.#made();
  }

  /** A download goes to a folder, piece by piece. */
  get isWindowed(): boolean {
    return this.windowEnd !== Number.POSITIVE_INFINITY;
  }

  /** Starts as the record says. `storage` is given where this driver does not have it yet. */
  start(storage: TorrentStorage | null): void {
    if (storage !== null) this.driver.open(storage);
    this.tellWanted();
    this.tellSaved();
    this.driver.feed({ kind: 'gentle', isOn: this.#context.isGentle() });
    if (!this.#torrent.record.paused) this.driver.resume();
  }

  /** A new driver, to be started: the last one failed, or learnt when it opened which pieces can be read, and that has changed. */
  renew(): void {
    this.driver.stop();
    const { record, storage } = this.#torrent;
    if (record.mine && storage?.have.isFull === true) this.#torrent.remember({ askedFor: false });
    this.driver = this.#made();
  }

  /** Which pieces are wanted, once both the metadata and the person's choice are known. */
  tellWanted(): void {
    const { record, storage } = this.#torrent;
    if (storage === null) {
      if (record.autostart !== 'no') this.driver.feed({ kind: 'askedFor' });
      return;
    }
    if (record.wanted === null && record.autostart !== 'no') return void this.#wantByItself(storage);
    const wanted = filesToFetch(record);
    if (wanted === null) this.#changes.awaited();
    else this.driver.feed({ kind: 'want', priorities: prioritiesOf(storage.info, wanted).fill(0, this.windowEnd) });
  }

  tellSaved(): void {
    const { saved, receipt } = this.#torrent.record;
    if (saved === true && receipt !== undefined) this.driver.feed({ kind: 'saved', receipt });
  }

  /** What the record names and may be contacted now. The driver skips what it has already. */
  tellSources(): void {
    const { trackers, webSeeds } = sourcesOf(this.#torrent.record, this.#context.ownTrackers());
    this.driver.addTrackers(trackers);
    this.driver.addWebSeeds(webSeeds);
  }

  /** From a `.torrent` file, which may be opened for a link that waits for it: taken as if a peer had sent it. */
  tellMetadata(infoBytes: Uint8Array | null): void {
    const { record } = this.#torrent;
    if (infoBytes === null || record.infoBytes !== null) return;
    // What is set aside is not stepped: its next start finds this in the record.
    if (isSetAside(record)) this.#torrent.remember({ infoBytes });
    else this.driver.learn(infoBytes);
  }

  /** The limits of this torrent have changed. */
  tellLimits(): void {
    this.#readLimits();
    this.driver.feed({ kind: 'limits' });
  }

  #readLimits(): void {
    const { limits } = this.#torrent.record;
    this.#down.bytesPerSecond = limits?.down ?? null;
    this.#up.bytesPerSecond = limits?.up ?? null;
  }

  async #wantByItself({ geometry, shown, files }: TorrentStorage): Promise<void> {
    const fits = this.#torrent.record.autostart === 'yes' || (await fitsFreely(geometry.totalBytes));
    const { record } = this.#torrent;
    if (record.wanted !== null) return;
    this.#torrent.remember(fits ? { wanted: suggestedFiles(record, shown) ?? files.map(() => true) } : { autostart: 'no' });
    this.tellWanted();
  }

  #made(): TorrentDriver {
    const { connections, hashing, webSeedPolicy, ownTrackers, stepping, limits, ownName } = this.#context;
    const { record } = this.#torrent;
    const sources = sourcesOf(record, ownTrackers());
    const parts = { infoHash: record.infoHash, connections, hashing, webSeedPolicy, host: this.#torrent, changes: this.#changes };
    const bandwidth = { down: [limits.down, this.#down], up: [limits.up, this.#up] };
    return new Driver({
      ...parts,
      ...sources,
      limits: bandwidth,
      strategy: readStrategy(record.strategy ?? ''),
      name: ownName(),
      stepping: () => stepping(record.id),
    });
  }
}
