import { toHex } from '../../../shared/bytes.ts';
import { failureOf, TabswarmError, type Failure } from '../../../shared/failure.ts';
import type { InfoHash, PieceIndex } from '../../../shared/ids.ts';
import { usableWebSeeds } from '../../../shared/torrent/magnet/web-seeds.ts';
import { receiptBytes } from '../../../shared/wire/extensions/receipt.ts';
import type { ChosenFile, SaveTarget, TorrentFile, TorrentSnapshot } from '../../bridge/protocol.ts';
import { askableHandles, grantedFiles, handlesOf, withGranted } from './chosen-files.ts';
import { Recheck } from './recheck.ts';
import { Driver } from '../driver/driver.ts';
import { BackgroundCopy } from '../storage/background-copy.ts';
import { TorrentStorage, type StorageListener } from '../storage/torrent-storage.ts';
import { isInsecureAllowed } from './insecure.ts';
import type { OpenTorrent, TorrentDriver, TorrentHost } from '../interfaces.ts';
import type { SessionContext } from './context.ts';
import { partsOf } from '../snapshot/snapshot-parts.ts';
import { snapshotOf } from '../snapshot/snapshot.ts';
import { filesToFetch, torrentFileOf, type TorrentRecord, withReceipt } from './torrent-record.ts';
import { prioritiesOf } from './selection.ts';

/** One torrent: its record in the library, its storage in storage or files, and the driver that talks to the swarm. */
export class TorrentSession implements TorrentHost, StorageListener {
  readonly #context: SessionContext;
  /** The temporary id this torrent had while its files were hashed. */
  readonly formerId: string | null;
  readonly #over = new AbortController();
  #record: TorrentRecord;
  #driver: TorrentDriver;
  #storage: TorrentStorage | null = null;
  #failure: Failure | null = null;
  readonly #recheck = new Recheck(() => this.changed());
  readonly #copy = new BackgroundCopy(() => this.changed());
  #lastSeenAt: number | null = null;

  constructor(record: TorrentRecord, context: SessionContext, formerId: string | null = null) {
    this.#record = record;
    this.#context = context;
    this.formerId = formerId;
    this.#driver = this.#newDriver();
  }

  get id(): InfoHash {
    return this.#record.infoHash;
  }

  /** Receipts of others. */
  get savedBy(): readonly string[] {
    return this.#record.savedBy ?? [];
  }

  /** Never rejects: what goes wrong is this torrent's failure. */
  start(files: readonly (File | null)[] | null = null): Promise<void> {
    return this.#start(files).catch((error: unknown) => this.failed(failureOf(error, 'torrentFailed')));
  }

  addTrackers(urls: readonly string[]): void {
    const fresh = urls.filter((url) => !this.#record.trackers.includes(url));
    if (fresh.length === 0) return;
    this.#remember({ trackers: [...this.#record.trackers, ...fresh] });
    this.#driver.addTrackers(fresh);
  }

  addWebSeeds(urls: readonly string[]): void {
    const fresh = urls.filter((url) => !this.#record.webSeeds.includes(url));
    if (fresh.length === 0) return;
    this.#remember({ webSeeds: [...this.#record.webSeeds, ...fresh] });
    this.#driver.addWebSeeds(usableWebSeeds(fresh, isInsecureAllowed));
  }

  /** The policy for web seeds has changed. */
  tellWebSeeds(): void {
    this.#driver.tellWebSeeds();
  }

  /** Downloads everything as soon as that is possible, unless the person has chosen already. */
  autostart(): void {
    if (this.#record.wanted !== null) return;
    this.#remember({ autostart: true });
    this.#feedWanted();
  }

  /** One flag a file. */
  want(flags: readonly boolean[]): void {
    const isMore = flags.some((flag, file) => flag && this.#record.wanted?.[file] !== true);
    this.#remember({ wanted: [...flags], askedFor: true, saved: this.#record.saved === true && !isMore });
    this.#feedWanted();
    if (this.#record.paused) this.resume();
  }

  files(): readonly TorrentFile[] | null {
    return this.#storage?.files ?? null;
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
    const broken = this.#failure?.code === 'torrentFailed';
    this.#failure = null;
    this.#remember({ paused: false });
    this.#storage?.stored.retry();
    if (broken) this.#driver = this.#newDriver();
    this.#drive(broken ? this.#storage : null);
  }

  /** Another torrent's room may be ours. */
  roomMade(): void {
    if (this.#storage?.stored.full === true && !this.#record.paused) this.resume();
  }

  /** Deletes what is stored and forgets the torrent; replies with the bytes freed. */
  async remove(): Promise<number> {
    this.#end();
    await this.#context.library.remove(this.id);
    return (await this.#storage?.destroy()) ?? 0;
  }

  /** Leaves the swarm, writes what waits and lets go of storage: another tab may take over. */
  async close(): Promise<void> {
    this.#end();
    await this.#storage?.close();
  }

  /** @throws TabswarmError `notComplete`, `saveFailed`, `tooLargeForMemory` */
  async save(file: number | 'all', target: SaveTarget): Promise<Blob | null> {
    if (this.#storage === null) throw new TabswarmError('notComplete');
    return this.#storage.save(file, target);
  }

  /** What was wanted is in a place of the person's own: people who are connected hear so, now and after the next start. */
  saved(): void {
    this.#remember({ saved: true, receipt: this.#record.receipt ?? toHex(crypto.getRandomValues(new Uint8Array(receiptBytes))) });
    this.#tellSaved();
  }

  /** Looks at everything that is here again while the swarm goes on. @throws TabswarmError `notComplete` while the metadata is unknown. */
  async check(): Promise<void> {
    if (this.#storage === null) throw new TabswarmError('notComplete');
    await this.#recheck.run(this.#storage, this.#over.signal);
  }

  /** Seeds from these files again (by shown file), once all of it has been looked at. @throws TabswarmError `fileUnreadable` where they are others */
  async reconnect(chosen: readonly (ChosenFile | null)[]): Promise<void> {
    const storage = this.#storage;
    if (storage === null) throw new TabswarmError('notComplete');
    this.#driver.stop();
    this.#failure = null;
    const before = storage.have.count;
    storage.useFiles(await withGranted(chosen, this.#record.handles), false);
    if (!(await this.#recheck.run(storage, this.#over.signal))) return;
    this.#driveAnew(storage);
    if (storage.have.count <= before) throw new TabswarmError('fileUnreadable');
    this.#remember({ handles: handlesOf(chosen, this.#record.handles) });
  }

  fileHandles(): Promise<readonly FileSystemFileHandle[]> {
    return askableHandles(this.#record.handles, this.#storage);
  }

  /** Seeds from the kept handles again, as after a start that found them allowed. @throws TabswarmError `fileUnreadable` */
  async reopen(): Promise<void> {
    const files = await grantedFiles(this.#record.handles);
    const storage = this.#storage;
    if (storage === null || files === null) throw new TabswarmError('fileUnreadable');
    this.#failure = null;
    storage.useFiles(files, false);
    this.#driveAnew(storage);
  }

  rename(name: string): void {
    this.#remember({ name });
  }

  /** From now on what is served from files is copied into storage. */
  keepCopy(): void {
    this.#remember({ keepCopy: true });
    this.#goOnCopying();
  }

  snapshot(watched: boolean): TorrentSnapshot {
    const status = this.#driver.status();
    if (status.peers.length > 0) this.#lastSeenAt = Date.now();
    const state = { record: this.#record, storage: this.#storage, formerId: this.formerId, failure: this.#failure };
    const parts = partsOf({ ...state, checkedBytes: this.#recheck.bytes, lastSeenAt: this.#lastSeenAt }, watched);
    return snapshotOf(parts, status, this.#driver.swarm);
  }

  async openMetadata(infoBytes: Uint8Array): Promise<OpenTorrent | null> {
    const own = infoBytes.slice();
    if (toHex(await this.#context.hashing.sha1(own)) !== this.id) return null;
    const storage = await this.#open(own);
    // The right bytes, but no torrent of ours: nobody who sent them is to blame, and nobody will have better ones.
    if (storage === null) this.#driver.stop();
    else this.#remember({ infoBytes: own, name: this.#record.name === this.id ? storage.info.name : this.#record.name });
    // The driver feeds the metadata as soon as this returns; what is wanted comes after it.
    setTimeout(() => this.#feedWanted());
    return storage;
  }

  receipt(receipt: string): void {
    const change = withReceipt(this.#record, receipt);
    if (change !== null) this.#remember(change);
  }

  completed(): void {
    if (this.#failure?.code === 'storageLost') this.#failure = null;
    this.changed();
    void this.#storage?.stored.flush().then(() => this.awaited());
  }

  changed(): void {
    this.#context.changed(this.id);
  }

  awaited(): void {
    this.#context.awaited(this.id);
  }

  progressed(): void {
    this.#context.progressed(this.id);
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

  /** Opens storage where the metadata is known, and joins the swarm unless paused. `files`: just hashed, to be served as they are. */
  async #start(files: readonly (File | null)[] | null): Promise<void> {
    // Before storage is opened: from then on, a snapshot would say of files not looked at yet that they are out of reach.
    const granted = files ?? (await grantedFiles(this.#record.handles));
    const storage = this.#record.infoBytes === null ? null : await this.#open(this.#record.infoBytes);
    if (granted !== null) storage?.useFiles(granted, files !== null);
    this.#drive(storage);
    this.changed();
  }

  /** `null`, with the failure noted, where the metadata is of no use; also where the torrent ended meanwhile. */
  async #open(infoBytes: Uint8Array): Promise<TorrentStorage | null> {
    const { hashing, cache, buffers } = this.#context;
    try {
      const storage = await TorrentStorage.open({ infoHash: this.id, infoBytes, hashing, cache, buffers, listener: this });
      if (this.#over.signal.aborted) {
        await storage.close();
        return null;
      }
      this.#storage = storage;
      return storage;
    } catch (error) {
      this.failed(failureOf(error, 'badTorrent'));
      return null;
    }
  }

  /** What can be read has changed, and a driver is told of that only when it opens. */
  #driveAnew(storage: TorrentStorage): void {
    this.#driver.stop();
    if (storage.have.isFull) this.#remember({ askedFor: false });
    this.#driver = this.#newDriver();
    this.#drive(storage);
  }

  /** Goes on as the record says. `storage`: what this driver does not have yet. */
  #drive(storage: TorrentStorage | null): void {
    if (storage !== null) this.#driver.open(storage);
    this.#feedWanted();
    this.#tellSaved();
    if (!this.#record.paused) this.#driver.resume();
    this.#goOnCopying();
  }

  /** Tells the driver which pieces are wanted, once both the metadata and the person's choice are known. */
  #feedWanted(): void {
    if (this.#storage === null) return;
    if (this.#record.wanted === null && this.#record.autostart) this.#remember({ wanted: this.#storage.files.map(() => true) });
    const wanted = filesToFetch(this.#record);
    if (wanted === null) this.awaited();
    else this.#driver.feed({ kind: 'want', priorities: prioritiesOf(this.#storage.info, wanted) });
  }

  #tellSaved(): void {
    const { saved, receipt } = this.#record;
    if (saved === true && receipt !== undefined) this.#driver.feed({ kind: 'saved', receipt });
  }

  #goOnCopying(): void {
    const isServing = (): boolean => this.#driver.status().peers.some((peer) => peer.peerInterested);
    if (this.#record.keepCopy && this.#storage !== null) this.#copy.run(this.#storage, isServing, this.#over.signal);
  }

  #newDriver(): TorrentDriver {
    const { connections, hashing, webSeedPolicy } = this.#context;
    const webSeeds = usableWebSeeds(this.#record.webSeeds, isInsecureAllowed);
    return new Driver({ infoHash: this.id, trackers: this.#record.trackers, webSeeds, webSeedPolicy, connections, hashing, host: this });
  }

  #remember(change: Partial<TorrentRecord>): void {
    this.#record = { ...this.#record, ...change };
    if (this.#over.signal.aborted) return;
    void this.#context.library.put(this.#record);
    this.changed();
  }

  #end(): void {
    this.#over.abort();
    this.#driver.stop();
  }
}
