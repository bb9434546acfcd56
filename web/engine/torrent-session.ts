import { toHex } from '../../shared/bytes.ts';
import { failureOf, TabswarmError, type Failure } from '../../shared/failure.ts';
import type { InfoHash, PieceIndex } from '../../shared/ids.ts';
import type { SaveTarget, TorrentFile, TorrentSnapshot } from '../bridge/protocol.ts';
import type { Catalogue } from './catalogue.ts';
import { grantedFiles } from './chosen-files.ts';
import { Driver } from './driver.ts';
import { keepCopy } from './keep-copy.ts';
import { Material, type MaterialListener } from './material.ts';
import type { Connections, Hashing, OpenTorrent, TorrentDriver, TorrentHost } from './ports.ts';
import { snapshotOf } from './snapshot.ts';
import type { StretchCache } from './stretch-cache.ts';
import { magnetOf, torrentFileOf, type TorrentRecord } from './torrent-record.ts';
import { prioritiesOf, shownFiles } from './wanted.ts';

/** What every torrent of a session shares. */
export interface SessionContext {
  readonly connections: Connections;
  readonly hashing: Hashing;
  readonly cache: StretchCache;
  readonly catalogue: Catalogue;
  /** A snapshot of this torrent would say something new. */
  readonly changed: (id: string) => void;
  /** The browser refuses storage: from now on in memory. */
  readonly storageRefused: () => void;
}

/** One torrent: its record in the catalogue, its material in storage or files, and the driver that talks to the swarm. */
export class TorrentSession implements TorrentHost, MaterialListener {
  readonly #context: SessionContext;
  readonly #formerId: string | null;
  readonly #over = new AbortController();
  #record: TorrentRecord;
  #driver: TorrentDriver;
  #material: Material | null = null;
  #failure: Failure | null = null;
  #checkedBytes: number | null = null;
  #lastSeenAt: number | null = null;

  /** `formerId`: the temporary id this torrent had while its files were hashed. */
  constructor(record: TorrentRecord, context: SessionContext, formerId: string | null = null) {
    this.#record = record;
    this.#context = context;
    this.#formerId = formerId;
    this.#driver = this.#newDriver();
  }

  get id(): InfoHash {
    return this.#record.infoHash;
  }

  get isActive(): boolean {
    return !this.#record.paused;
  }

  /** Opens storage where the metadata is known, and joins the swarm unless paused. `files`: just hashed, to be served as they are. */
  async start(files: readonly (File | null)[] | null = null): Promise<void> {
    const { infoBytes } = this.#record;
    if (infoBytes !== null && (await this.#open(infoBytes))) {
      const material = this.#material!;
      const granted = files ?? (await grantedFiles(this.#record.handles));
      if (granted !== null) material.useFiles(granted, files !== null);
      this.#driver.open(material);
      this.#feedWanted();
    }
    if (!this.#record.paused) this.#driver.resume();
    this.changed();
  }

  addTrackers(urls: readonly string[]): void {
    const fresh = urls.filter((url) => !this.#record.trackers.includes(url));
    if (fresh.length === 0) return;
    this.#remember({ trackers: [...this.#record.trackers, ...fresh] });
    this.#driver.addTrackers(fresh);
  }

  /** Downloads everything as soon as that is possible, unless the person has chosen already. */
  autostart(): void {
    if (this.#record.wanted !== null) return;
    this.#remember({ autostart: true });
    this.#feedWanted();
  }

  /** One flag a file. */
  want(flags: readonly boolean[]): void {
    this.#remember({ wanted: [...flags] });
    this.#feedWanted();
    if (this.#record.paused) this.resume();
  }

  files(): readonly TorrentFile[] | null {
    return this.#material?.files ?? null;
  }

  /** @throws TabswarmError `notComplete` while the metadata is unknown. */
  torrentFile(): Uint8Array {
    return torrentFileOf(this.#record);
  }

  pause(): void {
    this.#remember({ paused: true });
    this.#driver.pause();
  }

  /** Also after a failure of ours (with a new driver) and after storage was full. */
  resume(): void {
    if (this.#failure?.code === 'torrentFailed') {
      this.#driver = this.#newDriver();
      if (this.#material !== null) this.#driver.open(this.#material);
      this.#feedWanted();
    }
    this.#failure = null;
    this.#remember({ paused: false });
    this.#material?.stored.retry();
    this.#driver.resume();
  }

  /** Deletes what is stored and forgets the torrent; replies with the bytes freed. */
  async remove(): Promise<number> {
    this.#end();
    await this.#context.catalogue.remove(this.id);
    return (await this.#material?.destroy()) ?? 0;
  }

  /** Leaves the swarm, writes what waits and lets go of storage: another tab may take over. */
  async close(): Promise<void> {
    this.#end();
    await this.#material?.close();
  }

  /** @throws TabswarmError `notComplete`, `saveFailed`, `tooLargeForMemory` */
  async save(file: number | 'all', target: SaveTarget): Promise<Blob | null> {
    if (this.#material === null) throw new TabswarmError('notComplete');
    return this.#material.save(file, target);
  }

  /** Seeds from these files again (by shown file), once all of it has been looked at. */
  async reconnect(files: readonly (File | null)[], handles: TorrentRecord['handles']): Promise<void> {
    const material = this.#material;
    if (material === null) throw new TabswarmError('notComplete');
    this.#driver.stop();
    material.useFiles(files, false);
    await this.#check(material);
    this.#remember({ handles });
    this.#driver = this.#newDriver();
    this.#driver.open(material);
    this.#feedWanted();
    if (!this.#record.paused) this.#driver.resume();
  }

  /** Copies what is only in files into storage, in the background. */
  keepCopy(): void {
    const material = this.#material;
    if (material === null) return;
    void keepCopy(material, this.#over.signal).then(
      () => this.changed(),
      (error: unknown) => this.failed(failureOf(error, 'torrentFailed')),
    );
  }

  snapshot(watched: boolean): TorrentSnapshot {
    const status = this.#driver.status();
    const material = this.#material;
    if (status.peers.length > 0) this.#lastSeenAt = Date.now();
    const parts = {
      id: this.id,
      infoHash: this.id,
      formerId: this.#formerId,
      name: this.#record.name,
      magnet: magnetOf(this.#record),
      failure: this.#failure,
      mine: this.#record.mine,
      source: this.#source(),
      addedAt: this.#record.addedAt,
      lastSeenAt: this.#lastSeenAt,
      paused: this.#record.paused,
      chosen: this.#record.wanted !== null,
      fileCount: material?.files.length ?? 0,
      checkedBytes: this.#checkedBytes,
      geometry: material?.geometry ?? null,
      watched: watched && material !== null ? { have: material.content.have, files: shownFiles(material.info) } : null,
    };
    return snapshotOf(parts, status, this.#driver.swarm);
  }

  async openMetadata(infoBytes: Uint8Array): Promise<OpenTorrent | null> {
    const own = infoBytes.slice();
    if (toHex(await this.#context.hashing.sha1(own)) !== this.id || !(await this.#open(own))) return null;
    this.#remember({ infoBytes: own, name: this.#material!.info.name });
    // The driver feeds the metadata as soon as this returns; what is wanted comes after it.
    setTimeout(() => this.#feedWanted());
    return this.#material;
  }

  completed(): void {
    this.changed();
  }

  changed(): void {
    this.#context.changed(this.id);
  }

  failed(failure: Failure): void {
    this.#failure = failure;
    this.changed();
  }

  storageFull(): void {
    this.failed(failureOf(new TabswarmError('quotaExceeded'), 'quotaExceeded'));
    this.#driver.feed({ kind: 'storageFull' });
  }

  storageRefused(): void {
    this.#context.storageRefused();
  }

  storageLost(): void {
    this.failed(failureOf(new TabswarmError('storageLost'), 'storageLost'));
  }

  fileUnreadable(path: string): void {
    this.failed(failureOf(new TabswarmError('fileUnreadable', path), 'fileUnreadable'));
  }

  pieceLost(piece: PieceIndex): void {
    this.#driver.feed({ kind: 'pieceLost', piece });
  }

  /** False, with the failure noted, where the metadata or storage is of no use. */
  async #open(infoBytes: Uint8Array): Promise<boolean> {
    const { hashing, cache } = this.#context;
    try {
      this.#material = await Material.open({ infoHash: this.id, infoBytes, hashing, cache, listener: this });
      return true;
    } catch (error) {
      this.failed(failureOf(error, 'badTorrent'));
      return false;
    }
  }

  async #check(material: Material): Promise<void> {
    try {
      await material.check((bytes) => {
        this.#checkedBytes = bytes;
        this.changed();
      }, this.#over.signal);
    } finally {
      this.#checkedBytes = null;
    }
  }

  /** Tells the driver which pieces are wanted, once both the metadata and the person's choice are known. */
  #feedWanted(): void {
    if (this.#material === null) return;
    if (this.#record.wanted === null && this.#record.autostart) this.#remember({ wanted: this.#material.files.map(() => true) });
    const { wanted } = this.#record;
    if (wanted !== null) this.#driver.feed({ kind: 'want', priorities: prioritiesOf(this.#material.info, wanted) });
  }

  #source(): TorrentSnapshot['source'] {
    const material = this.#material;
    if (material === null || !this.#record.mine || material.stored.have.isFull) return 'stored';
    return material.content.files === null ? 'unreachable' : 'files';
  }

  #newDriver(): TorrentDriver {
    const { connections, hashing } = this.#context;
    return new Driver({ infoHash: this.id, trackers: this.#record.trackers, connections, hashing, host: this });
  }

  #remember(change: Partial<TorrentRecord>): void {
    this.#record = { ...this.#record, ...change };
    void this.#context.catalogue.put(this.#record);
    this.changed();
  }

  #end(): void {
    this.#over.abort();
    this.#driver.stop();
  }
}
