import { toHex } from '../../../shared/bytes.ts';
import { TabswarmError } from '../../../shared/failure.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import type { WebSeedPolicy } from '../../../shared/swarm/events.ts';
import { readMagnet } from '../../../shared/torrent/magnet/magnet.ts';
import { readTorrent } from '../../../shared/torrent/metainfo.ts';
import { sanitiseName } from '../../../shared/torrent/names.ts';
import { usableTrackers } from '../../../shared/torrent/magnet/trackers.ts';
import type { AddOptions, ChosenFile, PublishOptions, SaveTarget, TorrentFile } from '../../bridge/protocol.ts';
import type { Handlers } from '../../bridge/worker-server.ts';
import type { SnapshotPublisher, SnapshotSource } from '../snapshot/publisher.ts';
import type { Library } from './library.ts';
import { handlesOf, matchFiles } from './chosen-files.ts';
import { fitsFreely } from '../storage/background-copy.ts';
import { isInsecureAllowed } from './insecure.ts';
import { BufferPool } from '../storage/buffer-pool.ts';
import type { Connections, Hashing } from '../interfaces.ts';
import { Preparation, type Prepared } from '../publish/preparation.ts';
import { planShare } from '../publish/hash-files.ts';
import type { StorageReport } from '../storage/storage-report.ts';
import { ReadCache } from '../storage/files/read-cache.ts';
import { newRecord, type TorrentRecord } from './torrent-record.ts';
import type { SessionContext } from './context.ts';
import { TorrentSession } from './torrent-session.ts';

export interface SessionOptions {
  readonly connections: Connections;
  readonly hashing: Hashing;
  readonly library: Library;
  readonly publisher: SnapshotPublisher;
  readonly storage: StorageReport;
  readonly webSeedPolicy: () => WebSeedPolicy;
}

/** Calls that are about torrents; the rest is the engine's. */
export type SessionHandlers = Omit<Handlers, 'start' | 'watch' | 'visible' | 'useWebSeeds'>;

/** The torrents of this browser, by id. An id is in exactly one of: being prepared, running. */
export class Session implements SessionHandlers {
  readonly #options: SessionOptions;
  readonly #context: SessionContext;
  readonly #torrents = new Map<string, TorrentSession>();
  readonly #preparations = new Map<string, Preparation>();
  readonly #shown = new Map<string, SnapshotSource>();
  readonly #batches = new Map<string, ChosenFile[]>();
  #lastPreparation = 0;
  /** One share begins after the other: of the same files, dropped twice at once, the second finds the first begun. */
  #sharing: Promise<unknown> = Promise.resolve();

  constructor(options: SessionOptions) {
    const { connections, hashing, library, publisher, storage, webSeedPolicy } = options;
    this.#options = options;
    this.#context = {
      connections,
      hashing,
      library,
      webSeedPolicy,
      cache: new ReadCache(),
      buffers: new BufferPool(),
      changed: (id) => {
        publisher.changed(id);
        storage.touched();
      },
      awaited: (id) => {
        publisher.awaited(id);
        storage.touched();
      },
      progressed: (id) => {
        publisher.progressed(id);
        storage.touched();
      },
      storageRefused: () => storage.refused(),
    };
  }

  /** Everything the library remembers goes on by itself. */
  async restore(): Promise<void> {
    const sessions = this.#options.library.records.map((record) => this.#keep(new TorrentSession(record, this.#context)));
    this.#options.publisher.show(this.#shown);
    await Promise.all(sessions.map((session) => session.start()));
  }

  handFiles(batch: string, files: readonly ChosenFile[]): void {
    const before = this.#batches.get(batch) ?? [];
    before.push(...files);
    this.#batches.set(batch, before);
  }

  publish(name: string, batch: string, options: PublishOptions): { readonly id: string } {
    const plan = planShare(name, this.#handed(batch));
    const preparation = new Preparation(`preparing-${++this.#lastPreparation}`, plan, this.#options.publisher);
    this.#preparations.set(preparation.id, preparation);
    this.#shown.set(preparation.id, preparation);
    this.#options.publisher.changed(preparation.id);
    void this.#prepare(preparation, options);
    return { id: preparation.id };
  }

  async addMagnet(link: string, options: AddOptions): Promise<{ readonly id: string }> {
    const magnet = readMagnet(link);
    if (magnet.infoHashV1 === null) throw new TabswarmError('v2Only');
    const trackers = trackersOf([magnet.trackers], options.trackers);
    const infoHash = magnet.infoHashV1;
    return this.#add(newRecord({ infoHash, name: magnet.name ?? infoHash, trackers, webSeeds: magnet.webSeeds }), options);
  }

  async addTorrentFile(bytes: Uint8Array, options: AddOptions): Promise<{ readonly id: string }> {
    const { info, infoBytes, trackers, webSeeds } = readTorrent(bytes);
    if (info.kind === 'v2') throw new TabswarmError('v2Only');
    const own = infoBytes.slice();
    const infoHash = toHex(await this.#options.hashing.sha1(own)) as InfoHash;
    const usable = trackersOf(trackers, info.isPrivate ? [] : options.trackers);
    return this.#add(newRecord({ infoHash, name: info.name, infoBytes: own, trackers: usable, webSeeds }), options);
  }

  want(id: string, files: readonly boolean[]): void {
    this.#torrent(id).want(files);
  }

  files(id: string): readonly TorrentFile[] | null {
    return this.#torrent(id).files();
  }

  torrentFile(id: string): Uint8Array {
    return this.#torrent(id).torrentFile();
  }

  rename(id: string, title: string): void {
    const name = sanitiseName(title);
    if (name === '') return;
    const preparation = this.#preparations.get(id);
    if (preparation === undefined) this.#torrent(id).rename(name);
    else preparation.rename(name);
  }

  pause(id: string): void {
    this.#torrent(id).pause();
  }

  resume(id: string): void {
    this.#torrent(id).resume();
  }

  async remove(id: string): Promise<{ readonly freedBytes: number }> {
    const preparation = this.#preparations.get(id);
    preparation?.cancel();
    const torrent = preparation === undefined ? this.#torrent(id) : undefined;
    this.#forget(torrent?.id ?? id);
    const freedBytes = (await torrent?.remove()) ?? 0;
    for (const other of this.#torrents.values()) other.roomMade();
    this.#options.storage.touched();
    return { freedBytes };
  }

  save(id: string, file: number | 'all', target: SaveTarget): Promise<Blob | null> {
    return this.#torrent(id).save(file, target);
  }

  saved(id: string): void {
    this.#torrent(id).saved();
  }

  check(id: string): Promise<void> {
    return this.#torrent(id).check();
  }

  async reconnectFiles(id: string, batch: string): Promise<void> {
    const files = this.#handed(batch);
    const torrent = this.#torrent(id);
    await torrent.reconnect(matchFiles(torrent.files() ?? [], files));
  }

  fileHandles(id: string): Promise<readonly FileSystemFileHandle[]> {
    return this.#torrent(id).fileHandles();
  }

  reopenFiles(id: string): Promise<void> {
    return this.#torrent(id).reopen();
  }

  online(): void {
    this.#options.connections.online();
  }

  /** The policy has changed. */
  tellWebSeeds(): void {
    for (const torrent of this.#torrents.values()) torrent.tellWebSeeds();
  }

  /** Stops everything, writes what waits and lets go of storage: another tab takes over. */
  async close(): Promise<void> {
    for (const preparation of this.#preparations.values()) preparation.cancel();
    await Promise.allSettled(Array.from(this.#torrents.values(), (torrent) => torrent.close()));
    await this.#options.library.flush();
  }

  #handed(batch: string): readonly ChosenFile[] {
    const files = this.#batches.get(batch) ?? [];
    this.#batches.delete(batch);
    return files;
  }

  async #prepare(preparation: Preparation, options: PublishOptions): Promise<void> {
    const prepared = await preparation.run(this.#options.hashing);
    if (prepared === null) return;
    const begun = Promise.allSettled([this.#sharing]).then(() => this.#shareOnce(preparation, prepared, options));
    this.#sharing = begun;
    await begun;
  }

  async #shareOnce(preparation: Preparation, prepared: Prepared, options: PublishOptions): Promise<void> {
    if (!this.#preparations.has(preparation.id)) return;
    const known = this.#torrents.get(prepared.infoHash);
    if (known !== undefined) {
      preparation.rename(preparation.title ?? known.snapshot(false).name);
      await this.#dropAgain(known);
    }
    await this.#share(preparation, prepared, options, known?.savedBy ?? []);
  }

  /**
   * The same files again: the torrent is made anew around them, what is stored of it stays. It is told once more before that: the page may
   * know it by its temporary id alone, and would show it as being prepared for ever.
   */
  async #dropAgain(known: TorrentSession): Promise<void> {
    this.#options.publisher.notify({ kind: 'snapshots', torrents: [known.snapshot(false)] });
    this.#torrents.delete(known.id);
    await known.close();
  }

  async #share(
    preparation: Preparation,
    { infoHash, infoBytes }: Prepared,
    options: PublishOptions,
    savedBy: readonly string[],
  ): Promise<void> {
    const { name, files, geometry } = preparation.plan;
    const chosen = files.map(({ source }) => source.chosen);
    const record = newRecord({ infoHash, name, infoBytes, trackers: trackersOf([], options.trackers), webSeeds: [] });
    const shared: TorrentRecord = { ...record, wanted: files.map(() => true), mine: true, savedBy, handles: handlesOf(chosen) };
    const torrent = new TorrentSession(shared, this.#context, preparation.id);
    this.#torrents.set(torrent.id, torrent);
    await this.#options.library.put(shared);
    await torrent.start(chosen.map(({ file }) => file));
    // The person may have removed it while storage was opened; only now it has something to show.
    if (!this.#preparations.delete(preparation.id)) return this.#drop(torrent);
    this.#shown.delete(preparation.id);
    this.#keep(torrent);
    if (preparation.title !== null) torrent.rename(preparation.title);
    if (options.keepCopy === 'yes' || (options.keepCopy === 'auto' && (await fitsFreely(geometry.totalBytes)))) torrent.keepCopy();
  }

  async #add(record: TorrentRecord, { autostart }: AddOptions): Promise<{ readonly id: string }> {
    const known = this.#torrents.get(record.infoHash);
    if (known !== undefined) {
      known.addTrackers(record.trackers);
      known.addWebSeeds(record.webSeeds);
      if (autostart) known.autostart();
      return { id: known.id };
    }
    const added = { ...record, autostart };
    const torrent = this.#keep(new TorrentSession(added, this.#context));
    await this.#options.library.put(added);
    await torrent.start();
    return { id: torrent.id };
  }

  async #drop(torrent: TorrentSession): Promise<void> {
    this.#torrents.delete(torrent.id);
    await torrent.remove();
  }

  #keep(torrent: TorrentSession): TorrentSession {
    this.#torrents.set(torrent.id, torrent);
    this.#shown.set(torrent.id, torrent);
    this.#options.publisher.awaited(torrent.id);
    return torrent;
  }

  #forget(id: string): void {
    this.#preparations.delete(id);
    this.#torrents.delete(id);
    this.#shown.delete(id);
    this.#options.publisher.notify({ kind: 'removed', id });
  }

  /** Also by the id it had while it was hashed: the page may call before it hears of the new one. @throws TabswarmError `unknownTorrent` */
  #torrent(id: string): TorrentSession {
    const torrent = this.#torrents.get(id) ?? Array.from(this.#torrents.values()).find(({ formerId }) => formerId === id);
    if (torrent === undefined) throw new TabswarmError('unknownTorrent', id);
    return torrent;
  }
}

/** Those that are named, then our own. One tracker may be known by several paths (any is ours); it takes one connection a peer. */
function trackersOf(named: readonly (readonly string[])[], own: readonly string[]): string[] {
  const usable = usableTrackers(named, isInsecureAllowed);
  const hosts = new Set(usable.map((url) => new URL(url).host));
  const further = usableTrackers([own], isInsecureAllowed).filter((url) => !hosts.has(new URL(url).host));
  return usableTrackers([usable, further], isInsecureAllowed);
}
