import { toHex } from '../../../shared/bytes.ts';
import { TabswarmError } from '../../../shared/failure.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import { knownStrategy } from '../../../shared/torrent/magnet/strategy.ts';
import { readMagnet } from '../../../shared/torrent/magnet/magnet.ts';
import { readTorrent } from '../../../shared/torrent/metainfo.ts';
import { sanitiseName } from '../../../shared/torrent/names.ts';
import type { AddOptions, ChosenFile, PublishOptions, SessionCalls } from '../../bridge/protocol.ts';
import type { Handlers } from '../../bridge/worker-server.ts';
import { planShare, Preparation, type Prepared } from '../publish/preparation.ts';
import type { SnapshotSource } from '../snapshot/publisher.ts';
import { sleep } from '../lib/timing.ts';
import { fitsFreely } from '../storage/background-copy.ts';
import { BufferPool } from '../storage/buffer-pool.ts';
import { ReadCache } from '../storage/files/read-cache.ts';
import { handlesOf, matchFiles } from './chosen-files.ts';
import type { SessionContext } from './context.ts';
import { countCrash } from './crash-count.ts';
import type { HeldShare } from './held-files.ts';
import { withOwnTrackers } from './sources.ts';
import { isConfirmed, newId, newRecord, type TorrentRecord } from '../library/torrent-record.ts';
import { TorrentSession } from './torrent-session.ts';

/** Links that wait for the person. Each may cost 10 MB of metadata and connections to strangers. */
const mostWaiting = 50;

/** Until its storage is open a torrent cannot tell what is here, and whether its files can be read: pages see it then, or after this. */
export const shownAfterMs = 300;

export type SessionOptions = Omit<SessionContext, 'cache' | 'buffers' | 'roomMade'>;

/** The torrents of this browser, by their local id. A torrent is either being prepared or running. */
export class Session implements Handlers<SessionCalls> {
  readonly #options: SessionOptions;
  readonly #context: SessionContext;
  readonly #torrents = new Map<string, TorrentSession>();
  readonly #preparations = new Map<string, Preparation>();
  readonly #shown = new Map<string, SnapshotSource>();
  readonly #batches = new Map<string, ChosenFile[]>();
  /** Added since the session started: they are announced to our own trackers that become known later. */
  readonly #added = new Set<TorrentSession>();
  /** Ids that a tab which learns of this session late may still give to it again. */
  readonly #removed = new Set<string>();
  /** Shares start one after the other: when the same files are dropped twice at once, the second share finds the first. */
  #sharing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#context = { ...options, cache: new ReadCache(), buffers: new BufferPool(), roomMade: (id) => this.#roomMade(id) };
  }

  /**
   * Every torrent of the library continues by itself, with the files that this tab holds; what was still being hashed elsewhere is hashed
   * here. `suspect`: the one that was being stepped when the last Worker died.
   */
  async restore(suspect: string | null): Promise<void> {
    const sessions = this.#options.library.records.map((record) => this.#keep(new TorrentSession(record, this.#context)));
    if (suspect !== null) this.crashed(suspect);
    const { held } = this.#options;
    for (const id of held.ids.filter((known) => !this.#torrents.has(known))) this.#publishHeld(id, held.get(id));
    const opened = Promise.all(sessions.map((session) => session.start()));
    await Promise.race([opened, sleep(shownAfterMs)]);
    if (!this.#isClosed) this.#options.publisher.show(this.#shown);
    await opened;
  }

  /** The Worker died while it stepped this torrent. */
  crashed(id: string): void {
    const torrent = this.#torrents.get(id);
    if (torrent !== undefined) countCrash(torrent);
  }

  handFiles(batch: string, files: readonly ChosenFile[]): void {
    const before = this.#batches.get(batch) ?? [];
    before.push(...files);
    this.#batches.set(batch, before);
  }

  publish(name: string, batch: string, { keepCopy, strategy = '', id = newId() }: PublishOptions): { readonly id: string } {
    const files = this.#handed(batch);
    // Asked a second time, because the tab that led was gone before it could reply.
    if (!this.#shown.has(id) && !this.#wasRemoved(id)) this.#publish(id, { name, keepCopy, strategy, files });
    return { id };
  }

  #publishHeld(id: string, share: HeldShare | undefined): void {
    if (share !== undefined) this.#publish(id, share);
  }

  #publish(id: string, share: HeldShare): void {
    const plan = planShare(share.name, share.files);
    const preparation = new Preparation(id, plan, this.#options.publisher.changesOf(id));
    this.#preparations.set(id, preparation);
    this.#shown.set(id, preparation);
    this.#options.held.hold(id, share);
    this.#options.publisher.changed(id);
    void this.#prepare(preparation, share);
  }

  async addMagnet(link: string, options: AddOptions): Promise<{ readonly id: string }> {
    const magnet = readMagnet(link);
    if (magnet.infoHashV1 === null) throw new TabswarmError('v2Only');
    const { infoHashV1: infoHash, webSeeds, selectOnly, strategy } = magnet;
    const trackers = this.#withOwnTrackers([magnet.trackers]);
    const selected = selectOnly === null || selectOnly.length === 0 ? {} : { selectOnly };
    const parts = { infoHash, name: magnet.name ?? infoHash, trackers, webSeeds, ...selected };
    return this.#add(newRecord(strategy === '' ? parts : { ...parts, strategy }), options);
  }

  async addTorrentFile(bytes: Uint8Array, options: AddOptions): Promise<{ readonly id: string }> {
    const { info, infoBytes, trackers, webSeeds } = readTorrent(bytes);
    if (info.kind === 'v2') throw new TabswarmError('v2Only');
    const own = infoBytes.slice();
    const infoHash = toHex(await this.#options.hashing.sha1(own)) as InfoHash;
    const usable = info.isPrivate ? withOwnTrackers(trackers, []) : this.#withOwnTrackers(trackers);
    return this.#add(newRecord({ infoHash, name: info.name, infoBytes: own, trackers: usable, webSeeds }), options);
  }

  rename(id: string, title: string): void {
    const name = sanitiseName(title);
    if (name === '') return;
    (this.#preparations.get(id) ?? this.torrent(id)).rename(name);
  }

  /** Frees nothing where it is gone already: asked a second time, or in two tabs at once. */
  async remove(id: string): Promise<{ readonly freedBytes: number }> {
    const preparation = this.#preparations.get(id);
    preparation?.cancel();
    const torrent = preparation === undefined ? this.#torrents.get(id) : undefined;
    this.#forget(id);
    const freedBytes = (await torrent?.remove()) ?? 0;
    this.#roomMade(id);
    return { freedBytes };
  }

  #roomMade(by: string): void {
    for (const [id, torrent] of this.#torrents) if (id !== by) torrent.roomMade();
    this.#options.storageReport.touched();
  }

  async reconnectFiles(id: string, batch: string): Promise<void> {
    const files = this.#handed(batch);
    const torrent = this.torrent(id);
    await torrent.reconnect(matchFiles(torrent.files() ?? [], files));
    this.#hold(torrent, files);
  }

  /** Does nothing where every file can be read: another tab may have had them. */
  reuseFiles(id: string, batch: string): void {
    const files = this.#handed(batch);
    const torrent = this.torrent(id);
    if (torrent.storage?.outOfReach.length === 0) return;
    torrent.reuse(matchFiles(torrent.files() ?? [], files));
    this.#hold(torrent, files);
  }

  ids(): readonly string[] {
    return [...this.#shown.keys()];
  }

  online(): void {
    this.#options.connections.online();
  }

  /** @throws TabswarmError `unknownTorrent`, also while its files are being hashed. */
  torrent(id: string): TorrentSession {
    const torrent = this.#torrents.get(id);
    if (torrent === undefined) throw new TabswarmError('unknownTorrent', id);
    return torrent;
  }

  /** The policy has changed. */
  tellWebSeeds(): void {
    for (const torrent of this.#torrents.values()) torrent.tellWebSeeds();
  }

  tellGentle(): void {
    const isOn = this.#options.isGentle();
    for (const torrent of this.#torrents.values()) torrent.feed({ kind: 'gentle', isOn });
  }

  /** The limits of all torrents together have changed. */
  tellLimits(): void {
    for (const torrent of this.#torrents.values()) torrent.feed({ kind: 'limits' });
  }

  /** The person calls themselves something else. */
  tellName(): void {
    for (const torrent of this.#torrents.values()) torrent.feed({ kind: 'name', name: this.#options.ownName() });
  }

  /** Our own trackers are known now, or are others. */
  tellTrackers(): void {
    for (const torrent of this.#added) torrent.addOwnTrackers(this.#options.ownTrackers());
  }

  /** Stops everything, writes what waits and lets go of storage: another tab leads. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const preparation of this.#preparations.values()) preparation.cancel();
    await Promise.allSettled(Array.from(this.#torrents.values(), (torrent) => torrent.close()));
    await this.#options.library.flush();
  }

  /** Files chosen again join those held before. */
  #hold({ id, record }: TorrentSession, files: readonly ChosenFile[]): void {
    const { held } = this.#options;
    held.hold(id, { name: record.name, keepCopy: 'no', files: [...(held.get(id)?.files ?? []), ...files] });
  }

  #handed(batch: string): readonly ChosenFile[] {
    const files = this.#batches.get(batch) ?? [];
    this.#batches.delete(batch);
    return files;
  }

  async #prepare(preparation: Preparation, share: HeldShare): Promise<void> {
    const prepared = await preparation.run(this.#options.hashing);
    if (prepared === null) return;
    const begun = Promise.allSettled([this.#sharing]).then(() => this.#shareOnce(preparation, prepared, share));
    this.#sharing = begun;
    await begun;
  }

  async #shareOnce(preparation: Preparation, prepared: Prepared, share: HeldShare): Promise<void> {
    if (this.#isClosed || !this.#preparations.has(preparation.id)) return;
    const known = this.#withHash(prepared.infoHash);
    if (known !== undefined) {
      // The same files again: the new torrent takes the place of the one before and keeps what that one stored.
      preparation.rename(preparation.title ?? known.record.name);
      this.#forget(known.id);
      await known.close();
    }
    await this.#share(preparation, prepared, share, known?.record.savedBy ?? []);
  }

  async #share(
    preparation: Preparation,
    { infoHash, info, infoBytes }: Prepared,
    { keepCopy, strategy = '' }: HeldShare,
    savedBy: readonly string[],
  ): Promise<void> {
    const { id, plan } = preparation;
    const chosen = plan.files.map(({ source }) => source.chosen);
    const record = newRecord({
      id,
      infoHash,
      name: plan.name,
      infoBytes,
      trackers: this.#withOwnTrackers([]),
      webSeeds: [],
      wanted: plan.files.map(() => true),
      mine: true,
      ...(knownStrategy(strategy) === '' ? {} : { strategy: knownStrategy(strategy) }),
      savedBy,
      handles: handlesOf(chosen),
    });
    // The former torrent was closed meanwhile, and perhaps all of the session.
    if (this.#isClosed) return;
    const torrent = new TorrentSession(record, this.#context);
    this.#torrents.set(id, torrent);
    await this.#options.library.put(record);
    await torrent.start({ info, files: chosen.map(({ file }) => file) });
    // The person may have removed it while storage was opened.
    if (!this.#preparations.delete(id)) return this.#drop(torrent);
    this.#added.add(this.#keep(torrent));
    if (preparation.title !== null) torrent.rename(preparation.title);
    if (keepCopy === 'yes' || (keepCopy === 'auto' && (await fitsFreely(plan.geometry.totalBytes)))) torrent.keepCopy();
  }

  async #add(record: TorrentRecord, { autostart, paused = false, id = record.id }: AddOptions): Promise<{ readonly id: string }> {
    if (this.#wasRemoved(id)) return { id };
    const known = this.#withHash(record.infoHash);
    if (known !== undefined) {
      known.merge(record);
      known.autostart(autostart);
      return { id: known.id };
    }
    const waiting = Array.from(this.#torrents.values()).filter((torrent) => !isConfirmed(torrent.record) && !torrent.record.paused);
    if (autostart === 'no' && !paused && waiting.length >= mostWaiting) throw new TabswarmError('tooManyLinks');
    const added = { ...record, id, autostart, paused };
    const torrent = this.#keep(new TorrentSession(added, this.#context));
    this.#added.add(torrent);
    await this.#options.library.put(added);
    await torrent.start();
    return { id: torrent.id };
  }

  async #drop(torrent: TorrentSession): Promise<void> {
    this.#torrents.delete(torrent.id);
    await torrent.remove();
  }

  #withHash(infoHash: InfoHash): TorrentSession | undefined {
    return Array.from(this.#torrents.values()).find((torrent) => torrent.record.infoHash === infoHash);
  }

  #withOwnTrackers(named: readonly (readonly string[])[]): string[] {
    return withOwnTrackers(named, this.#options.ownTrackers());
  }

  #keep(torrent: TorrentSession): TorrentSession {
    this.#torrents.set(torrent.id, torrent);
    this.#shown.set(torrent.id, torrent);
    this.#options.publisher.awaited(torrent.id);
    return torrent;
  }

  /** Tells the tab that asks, too, which may have missed it. */
  #wasRemoved(id: string): boolean {
    if (!this.#removed.has(id)) return false;
    this.#options.held.forget(id);
    this.#options.publisher.notify({ kind: 'removed', id });
    return true;
  }

  #forget(id: string): void {
    this.#removed.add(id);
    const torrent = this.#torrents.get(id);
    if (torrent !== undefined) this.#added.delete(torrent);
    this.#preparations.delete(id);
    this.#torrents.delete(id);
    this.#shown.delete(id);
    this.#options.held.forget(id);
    this.#options.publisher.notify({ kind: 'removed', id });
  }
}
