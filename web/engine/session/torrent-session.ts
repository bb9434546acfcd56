import { toHex } from '../../../shared/bytes.ts';
import { failureOf, TabswarmError, type Failure } from '../../../shared/failure.ts';
import type { Event } from '../../../shared/swarm/events.ts';
import type { Info } from '../../../shared/torrent/info.ts';
import { readInfo } from '../../../shared/torrent/metainfo.ts';
import { receiptBytes } from '../../../shared/wire/extensions/receipt.ts';
import type { SpeedLimits } from '../../bridge/preferences.ts';
import type { Autostart, ChosenFile, SaveTarget, TorrentCalls, TorrentFile, TorrentSnapshot } from '../../bridge/protocol.ts';
import type { Handlers } from '../../bridge/worker-server.ts';
import { grantedFiles, type HashedFiles, heldOrGranted } from './chosen-files.ts';
import { forgetCrashesLater, isSetAside } from './crash-count.ts';
import { FileAccess } from './file-access.ts';
import { Recheck } from './recheck.ts';
import { type DrivenTorrent, RunningDriver } from './running-driver.ts';
import { BackgroundCopy } from '../storage/background-copy.ts';
import { TorrentStorage } from '../storage/torrent-storage.ts';
import type { OpenTorrent, SnapshotChanges } from '../interfaces.ts';
import type { SessionContext } from './context.ts';
import { withOwnTrackers } from './sources.ts';
import { RangeStreams } from '../streaming/range-streams.ts';
import { pieceStatesOf, snapshotOf } from '../snapshot/snapshot.ts';
import { type LinkSources, merged, torrentFileOf, type TorrentRecord, withReceipt } from '../library/torrent-record.ts';
import { StorageFailures } from './storage-failures.ts';

/** One torrent: its record in the library, its bytes in storage or files, and the driver that talks to the swarm. */
export class TorrentSession implements Handlers<TorrentCalls>, DrivenTorrent {
  readonly #context: SessionContext;
  readonly #changes: SnapshotChanges;
  readonly #over = new AbortController();
  readonly #run: RunningDriver;
  #record: TorrentRecord;
  #storage: TorrentStorage | null = null;
  /** `#storage` as soon as it begins to open: whoever ends this torrent waits for it. */
  #opening: Promise<TorrentStorage | null> = Promise.resolve(null);
  #failure: Failure | null = null;
  readonly #storageFailures: StorageFailures;
  readonly #recheck: Recheck;
  readonly #copy: BackgroundCopy;
  readonly #streams = new RangeStreams(() => this.#run.driver);
  readonly #files: FileAccess;
  #lastSeenAt: number | null = null;

  constructor(record: TorrentRecord, context: SessionContext) {
    this.#record = record;
    this.#context = context;
    this.#changes = context.publisher.changesOf(record.id);
    this.#recheck = new Recheck(this.#changes);
    this.#copy = new BackgroundCopy(() => this.#changes.changed());
    this.#storageFailures = new StorageFailures(this, context.storageReport);
    this.#run = new RunningDriver(this, context, this.#changes);
    this.#files = new FileAccess({
      torrent: this,
      context,
      recheck: this.#recheck,
      failures: this.#storageFailures,
      over: this.#over.signal,
      changes: this.#changes,
      driveAgain: (storage) => this.#driveAgain(storage),
      run: this.#run,
    });
  }

  get id(): string {
    return this.#record.id;
  }

  get record(): TorrentRecord {
    return this.#record;
  }

  get storage(): TorrentStorage | null {
    return this.#storage;
  }

  /**
   * Opens storage where the metadata is known, and joins the swarm unless paused, with the files that this tab holds. `shared`: files that
   * were hashed just now, and what they make. Never rejects: what goes wrong is this torrent's failure.
   */
  async start(shared: HashedFiles | null = null): Promise<void> {
    if (isSetAside(this.#record)) return this.failed({ code: 'torrentSetAside' });
    forgetCrashesLater(this);
    try {
      const { handles, infoBytes } = this.#record;
      // Before storage is opened: from then on, a snapshot would say that files not looked at yet are out of reach.
      const granted = shared === null ? await grantedFiles(handles) : null;
      const storage = infoBytes === null ? null : await this.#open(infoBytes, () => shared?.info ?? readInfo(infoBytes));
      // Read now: a page may have handed files while storage was opened.
      const held = this.#context.held.get(this.id)?.files ?? [];
      const files = shared?.files ?? heldOrGranted(storage?.files ?? [], held, granted);
      if (files !== null) storage?.useFiles(files, shared !== null);
      this.#drive(storage);
      this.#files.moveOut();
      this.#changes.changed();
    } catch (error) {
      this.failed(failureOf(error, 'torrentFailed'));
    }
  }

  /** The same torrent was added again: the trackers, web seeds and selection of this link or file are used as well, and missing metadata. */
  merge(added: LinkSources): void {
    this.remember(merged(this.#record, added));
    this.#run.tellSources();
    this.#run.tellMetadata(added.infoBytes ?? null);
  }

  addOwnTrackers(urls: readonly string[]): void {
    if (this.#storage?.info.isPrivate === true) return;
    this.merge({ trackers: withOwnTrackers([this.#record.trackers], urls), webSeeds: [] });
  }

  /** The policy for web seeds has changed. */
  tellWebSeeds(): void {
    this.#run.driver.tellWebSeeds();
  }

  /** Downloads everything as soon as that is possible, unless the person has chosen already. */
  autostart(autostart: Autostart): void {
    if (autostart === 'no' || this.#record.wanted !== null) return;
    this.remember({ autostart });
    this.#run.tellSources();
    this.#run.tellWanted();
  }

  /** One flag a file. */
  want(flags: readonly boolean[]): void {
    const isMore = flags.some((flag, file) => flag && this.#record.wanted?.[file] !== true);
    this.remember({ wanted: [...flags], askedFor: true, saved: this.#record.saved === true && !isMore });
    this.#run.tellSources();
    this.#run.tellWanted();
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
    this.remember({ paused: true });
    this.#run.driver.pause();
    // Who pauses may close the tab next, and pieces wait up to a second for others to be written with.
    void this.#storage?.stored.flush();
  }

  limit(limits: SpeedLimits): void {
    this.remember({ limits });
    this.#run.tellLimits();
  }

  pieceStates(): ReturnType<TorrentCalls['pieceStates']> {
    return this.#storage === null ? null : pieceStatesOf(this.#storage, this.#run.driver.status());
  }

  /** Also after a failure of ours (with a new driver) and after storage was full. */
  resume(): void {
    if (this.#failure?.code === 'torrentSetAside') {
      this.#failure = null;
      this.remember({ paused: false, crashes: 0 });
      return void this.start();
    }
    const broken = this.#failure?.code === 'torrentFailed';
    this.#failure = null;
    this.remember({ paused: false });
    this.#storage?.stored.retry();
    if (broken) this.#run.renew();
    this.#drive(broken ? this.#storage : null);
  }

  /** Storage was freed by another torrent: writing continues. */
  roomMade(): void {
    if (this.#storage?.stored.full === true && !this.#record.paused) this.resume();
  }

  /** Deletes what is stored and forgets the torrent; replies with the bytes freed. */
  async remove(): Promise<number> {
    this.#end();
    await this.#context.library.remove(this.#record.infoHash);
    return (await (await this.#opening)?.destroy()) ?? 0;
  }

  /** Leaves the swarm, writes what waits and lets go of storage: another tab may lead. */
  async close(): Promise<void> {
    this.#end();
    await (await this.#opening)?.close();
  }

  /** @throws TabswarmError `notComplete`, `saveFailed`, `tooLargeForMemory` */
  save(file: number | 'all', target: SaveTarget): Promise<Blob | null> {
    return this.#files.save(file, target);
  }

  /** @throws TabswarmError `notComplete`, `saveFailed` */
  async stream(...[range, target]: Parameters<TorrentCalls['stream']>): Promise<void> {
    await this.#streams.open(this.#storage, range, target);
    if (target.kind === 'file') this.#files.saved(range.file, target.handle);
  }

  /** @throws TabswarmError `notComplete`, `saveFailed`, `partMissing` */
  downloadTo(...args: Parameters<TorrentCalls['downloadTo']>): Promise<void> {
    return this.#files.downloadTo(...args);
  }

  /** The person saved everything that was wanted: connected peers are told, now and after the next start. */
  saved(): void {
    this.remember({ saved: true, receipt: this.#record.receipt ?? toHex(crypto.getRandomValues(new Uint8Array(receiptBytes))) });
    this.#run.tellSaved();
  }

  /** Hashes everything that is stored again while the swarm runs. @throws TabswarmError `notComplete` while the metadata is unknown. */
  async check(): Promise<void> {
    if (this.#storage === null) throw new TabswarmError('notComplete');
    await this.#recheck.run(this.#storage, this.#over.signal);
  }

  /**
   * Seeds from these files again (by shown file) at once, each piece checked before its first use, and hashes all of them meanwhile.
   * @throws TabswarmError `wrongFiles` where they are others
   */
  reconnect(chosen: readonly (ChosenFile | null)[]): Promise<void> {
    return this.#files.reconnect(chosen);
  }

  fileHandles(): Promise<readonly FileSystemHandle[]> {
    return this.#files.handles();
  }

  /** Seeds from these files again (by shown file): the page kept them while the Worker was started again. Each piece is checked before its first use. */
  reuse(chosen: readonly (ChosenFile | null)[]): void {
    this.#files.use(chosen.map((item) => item?.file ?? null));
  }

  /** Seeds from the kept handles again, as after a start that found them allowed. @throws TabswarmError `fileUnreadable` */
  reopenFiles(): Promise<void> {
    return this.#files.reopen();
  }

  #driveAgain(storage: TorrentStorage): void {
    this.#failure = null;
    this.#run.renew();
    this.#drive(storage);
  }

  rename(name: string): void {
    this.remember({ name });
  }

  /** From now on files that are served from disk are copied into storage as well. */
  keepCopy(): void {
    this.remember({ keepCopy: true });
    this.#goOnCopying();
  }

  snapshot(watched: boolean): TorrentSnapshot {
    const status = this.#run.driver.status();
    if (status.peers.length > 0) this.#lastSeenAt = Date.now();
    return snapshotOf({
      record: this.#record,
      storage: this.#storage,
      status,
      swarm: this.#run.driver.swarm,
      failure: this.#failure,
      checkedBytes: this.#recheck.bytes,
      lastSeenAt: this.#lastSeenAt,
      isWindowed: this.#run.isWindowed,
      watched,
    });
  }

  async openMetadata(infoBytes: Uint8Array): Promise<OpenTorrent | null> {
    const own = infoBytes.slice();
    if (toHex(await this.#context.hashing.sha1(own)) !== this.#record.infoHash) return null;
    const storage = await this.#open(own, () => readInfo(own));
    // The hash is right but we cannot use the torrent: no peer is to blame, and none has better metadata.
    if (storage === null) this.#run.driver.stop();
    else this.remember({ infoBytes: own, name: this.#record.name === this.#record.infoHash ? storage.info.name : this.#record.name });
    // The driver feeds `metadata` as soon as this returns; `want` must come after it.
    setTimeout(() => this.#run.tellWanted());
    return storage;
  }

  receipt(receipt: string): void {
    const change = withReceipt(this.#record, receipt);
    if (change !== null) this.remember(change);
  }

  completed(): void {
    if (this.#run.isWindowed) return;
    if (this.#failure?.code === 'storageLost') this.#failure = null;
    if (this.#record.finishedAt === undefined) this.remember({ finishedAt: Date.now() });
    this.#files.moveOut();
    this.#changes.changed();
    void this.#storage?.stored.flush().then(() => this.#changes.awaited());
  }

  feed(event: Event): void {
    this.#run.driver.feed(event);
  }

  failed(failure: Failure): void {
    this.#failure = failure;
    this.#changes.changed();
  }

  /** `null`, with the failure noted, where the metadata is of no use. Where the torrent ended meanwhile, whoever ended it closes the storage. */
  async #open(infoBytes: Uint8Array, info: () => Info): Promise<TorrentStorage | null> {
    const storage = this.#over.signal.aborted ? null : await (this.#opening = this.#openStorage(infoBytes, info));
    return this.#over.signal.aborted ? null : (this.#storage = storage);
  }

  async #openStorage(infoBytes: Uint8Array, info: () => Info): Promise<TorrentStorage | null> {
    this.#context.stepping(this.id);
    const { hashing, cache, buffers } = this.#context;
    try {
      const own = { infoHash: this.#record.infoHash, info: info(), infoBytes, listener: this.#storageFailures };
      return await TorrentStorage.open({ ...own, hashing, cache, buffers });
    } catch (error) {
      this.failed(failureOf(error, 'badTorrent'));
      return null;
    }
  }

  #drive(storage: TorrentStorage | null): void {
    // It ended while storage was opened.
    if (this.#over.signal.aborted) return;
    this.#run.start(storage);
    this.#goOnCopying();
  }

  #goOnCopying(): void {
    const isServing = (): boolean => this.#run.driver.status().peers.some((peer) => peer.peerInterested);
    if (this.#record.keepCopy && this.#storage !== null) this.#copy.run(this.#storage, isServing, this.#over.signal);
  }

  remember(change: Partial<TorrentRecord>): void {
    this.#record = { ...this.#record, ...change };
    if (this.#over.signal.aborted) return;
    void this.#context.library.put(this.#record);
    this.#changes.changed();
  }

  #end(): void {
    this.#over.abort();
    this.#streams.closeAll();
    this.#run.driver.stop();
  }
}
