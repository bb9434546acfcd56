import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { failureOf, type Failure } from '../../shared/failure.ts';
import { EngineClient, type EnginePort } from '../bridge/worker-client.ts';
import type { Preferences, SpeedLimits } from '../bridge/preferences.ts';
import type { Autostart, Calls, ChosenFile, Notice, PublishOptions, SaveTarget, TorrentSnapshot } from '../bridge/protocol.ts';
import { mustStay } from './keep-open.ts';
import { tellFreezing } from '../bridge/other-tabs.ts';
import { forgetSavedFiles } from './saved-files.ts';
import { blamed } from './connection/blamed.ts';
import { HandedFiles } from './connection/handed-files.ts';
import { OpenedSources, type Source } from './connection/opened-sources.ts';
import { type MakeHost, PageConnections } from './connection/page-connections.ts';
import { Restarts } from './connection/restarts.ts';
import { TorrentView } from './torrent-view.svelte.ts';

export type Storage = Omit<Extract<Notice, { kind: 'storage' }>, 'kind'>;

export interface EngineMirrorOptions {
  /** A new Worker: at the start, and after each death of the last one. */
  readonly makePort: () => EnginePort;
  /** Loaded after the first paint, which needs no connections. */
  readonly host: Promise<MakeHost>;
  /** This page's own trackers: those known from the start, and all of them once the server has named them. */
  readonly trackers: readonly string[];
  readonly allTrackers: Promise<readonly string[]>;
  /** Read at each start, and whenever they have changed. */
  readonly preferences: () => Preferences;
}

/** What the engine's notices said last, and the commands that a person can give. */
export class EngineMirror {
  readonly torrents = new SvelteMap<string, TorrentView>();
  storage: Storage | null = $state.raw(null);
  /** Another tab of this browser goes on with everything when this one closes. */
  covered = $state(false);
  /** A failure that belongs to no torrent. */
  failure: Failure | null = $state.raw(null);
  crashed = $state(false);
  started = $state(false);
  /** What the engine has and this page has not seen a snapshot of yet: until that is nothing, nobody knows which shares are here. */
  readonly unseen = new SvelteSet<string>();
  /** Closing this tab would end something: a share that no other tab goes on with, or a file that is being saved from here. */
  readonly mustStay = $derived(
    [...this.torrents.values()].some((torrent) => torrent.isSaving || (!this.covered && mustStay(torrent.keepOpen))),
  );

  #client: EngineClient;
  readonly #options: EngineMirrorOptions;
  readonly #connections: PageConnections;
  /** Commands given while the engine is starting wait for it. */
  #running: Promise<void> = Promise.resolve();
  #start: () => void = () => undefined;
  readonly #restarts = new Restarts();
  readonly #handed = new HandedFiles();
  readonly #opened = new OpenedSources();
  #watched: readonly string[] = [];
  #visible = true;
  /** This tab's Worker runs the engine, so this page holds the connections. */
  #leads = true;
  #tab = '';
  #trackers: readonly string[];

  constructor(options: EngineMirrorOptions) {
    this.#options = options;
    this.#suspend();
    this.#client = this.#connect();
    this.#connections = new PageConnections(
      options.host,
      (report, transfer) => this.#client.report(report, transfer),
      (failure) => (this.failure = failure),
    );
    this.#trackers = options.trackers;
    void options.allTrackers.then((trackers) => this.useTrackers(trackers));
  }

  /** Resolves when the engine runs, here or in another tab. */
  async start(): Promise<void> {
    const client = this.#client;
    await this.#guarded(this.#startEngine(null));
    // Where the Worker died meanwhile, the restart goes on.
    if (client.crashed && !this.crashed) return;
    this.#begin();
  }

  /** By its local id, or by its info hash as addresses name it. */
  find(idOrHash: string): TorrentView | undefined {
    return this.torrents.get(idOrHash) ?? [...this.torrents.values()].find(({ snapshot }) => snapshot.infoHash === idOrHash);
  }

  /** Rejects with a `TabswarmError`, like every command that a person waits for. */
  async publish(name: string, files: readonly ChosenFile[], keepCopy: PublishOptions['keepCopy'], strategy = ''): Promise<string> {
    await this.#running;
    return this.#handed.publish(this.#client, { name, files, keepCopy, strategy });
  }

  async open(source: Source, autostart: Autostart, paused = false): Promise<string> {
    await this.#running;
    return this.#opened.open(this.#client, source, { autostart, paused });
  }

  want(torrent: TorrentView, files: readonly boolean[]): Promise<void> {
    // Before the next snapshot: a second choice right after this one builds on it.
    torrent.wantedFiles = Uint8Array.from(files, Number);
    this.#opened.want(torrent.id, files);
    return blamed(torrent, this.#client.call('want', [torrent.id, files]));
  }

  rename(torrent: Pick<TorrentView, 'id' | 'failure'>, title: string): Promise<void> {
    return blamed(torrent, this.#client.call('rename', [torrent.id, title]));
  }

  pause(torrent: TorrentView): Promise<void> {
    return blamed(torrent, this.#client.call('pause', [torrent.id]));
  }

  resume(torrent: TorrentView): Promise<void> {
    return blamed(torrent, this.#client.call('resume', [torrent.id]));
  }

  limit(torrent: TorrentView, limits: SpeedLimits): Promise<void> {
    return blamed(torrent, this.#client.call('limit', [torrent.id, limits]));
  }

  pieceStates(torrent: TorrentView): Promise<ReturnType<Calls['pieceStates']>> {
    return this.#client.call('pieceStates', [torrent.id]);
  }

  /** Resolves when everything that is here has been hashed again. */
  check(torrent: TorrentView): Promise<void> {
    return blamed(torrent, this.#client.call('check', [torrent.id]));
  }

  async remove(torrent: TorrentView): Promise<number> {
    for (const given of [this.#handed, this.#opened]) given.forget(torrent.id); // A leader that takes over meanwhile must not get it again.
    const { freedBytes } = await this.#client.call('remove', [torrent.id]);
    if (torrent.snapshot.infoHash !== null) forgetSavedFiles(torrent.snapshot.infoHash);
    this.#forget(torrent.id);
    return freedBytes;
  }

  reconnect(torrent: TorrentView, files: readonly ChosenFile[]): Promise<void> {
    const reconnected = this.#handed.hand(this.#client, files).then((batch) => this.#client.call('reconnectFiles', [torrent.id, batch]));
    return blamed(torrent, reconnected);
  }

  fileHandles(torrent: TorrentView): Promise<readonly FileSystemHandle[]> {
    return this.#client.call('fileHandles', [torrent.id]);
  }

  reopen(torrent: TorrentView): Promise<void> {
    return blamed(torrent, this.#client.call('reopenFiles', [torrent.id]));
  }

  torrentFile(torrent: TorrentView): Promise<Uint8Array> {
    return this.#client.call('torrentFile', [torrent.id]);
  }

  /** Replies with the Blob for a `blob` target; see {@link Calls.save}. */
  save(torrent: TorrentView, file: number | 'all', target: SaveTarget): Promise<Blob | null> {
    return this.#client.call('save', [torrent.id, file, target], target.kind === 'stream' ? [target.port] : []);
  }

  stream(torrent: TorrentView, range: Parameters<Calls['stream']>[1], target: Parameters<Calls['stream']>[2]): Promise<void> {
    return this.#client.call('stream', [torrent.id, range, target], target.kind === 'stream' ? [target.port] : []);
  }

  downloadTo(torrent: TorrentView, files: readonly boolean[], folder: FileSystemDirectoryHandle): Promise<void> {
    return this.#client.call('downloadTo', [torrent.id, files, folder]);
  }

  tellSaved(torrent: TorrentView): void {
    this.#tell('saved', [torrent.id]);
  }

  /** Details (bins, file progress) of these torrents from now on. */
  watch(ids: readonly string[]): void {
    this.#watched = ids;
    this.#tell('watch', [ids]);
  }

  visible(visible: boolean): void {
    this.#visible = visible;
    this.#tell('visible', [visible]);
  }

  online(): void {
    this.#tell('online', []);
  }

  usePreferences(): void {
    void this.#running.then(() => this.#tell('usePreferences', [this.#options.preferences()]));
  }

  /** Closes every connection and makes new ones: the settings of connections have changed, in every tab. The one that leads has them. */
  async reconnectPeers(): Promise<void> {
    if (!this.#leads) return;
    await this.#connections.close();
    this.online();
  }

  /** The page is being left: peers learn of it now instead of after a timeout, and another tab takes the lead. */
  leave(): void {
    void this.#connections.close();
    this.#client.close();
  }

  /** The browser is about to stop this page for a while: another tab takes the lead. */
  freeze(): void {
    if (!this.#leads || !this.covered) return;
    tellFreezing(this.#tab);
    void this.#connections.close();
  }

  async loadFiles(torrent: TorrentView): Promise<void> {
    if (torrent.files !== null) return;
    const listed = this.#client.call('files', [torrent.id]).then((files) => void (torrent.files = files));
    await blamed(torrent, listed, torrent.failure); // The view that asks for the list shows what failed before.
  }

  /** All that this page announces to. A share does not wait for the server to name further ones. */
  async useTrackers(trackers: readonly string[]): Promise<void> {
    if (String(trackers) === String(this.#trackers)) return;
    this.#trackers = trackers;
    await this.#running;
    this.#tell('useTrackers', [trackers]);
  }

  /** For calls that nobody waits for: a failure is shown at the top of the page. */
  #tell<Name extends 'watch' | 'visible' | 'online' | 'usePreferences' | 'useTrackers' | 'saved'>(
    name: Name,
    args: Parameters<Calls[Name]>,
  ): void {
    if (this.started && !this.crashed) void this.#guarded(this.#client.call(name, args));
  }

  async #guarded(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      this.failure = failureOf(error, 'engineCrashed');
    }
  }

  #notice(notice: Notice): void {
    switch (notice.kind) {
      case 'snapshots':
        return notice.torrents.forEach((snapshot) => this.#apply(snapshot));
      case 'removed':
        return this.#forget(notice.id);
      case 'storage':
        return void (this.storage = notice);
      case 'tabs':
        return this.#tabs(notice);
      case 'torrents':
        return this.#restored(new Set(notice.ids));
      case 'failure':
        return void (this.failure = notice.failure);
      case 'beat':
        return;
    }
  }

  #apply(snapshot: TorrentSnapshot): void {
    const torrent = this.torrents.get(snapshot.id);
    this.unseen.delete(snapshot.id);
    if (torrent === undefined) this.torrents.set(snapshot.id, new TorrentView(snapshot));
    else torrent.apply(snapshot);
  }

  #tabs({ tab, leads, covered }: Extract<Notice, { kind: 'tabs' }>): void {
    // Another tab has the connections now.
    if (this.#leads && !leads) void this.#connections.close();
    if (leads && this.failure?.code === 'tabOutdated') this.failure = null;
    [this.#tab, this.#leads, this.covered] = [tab, leads, covered];
  }

  /** Another engine runs, with these torrents. What this page shared or opened and that one does not have (yet) is given to it again. */
  #restored(ids: ReadonlySet<string>): void {
    const isLost = (id: string): boolean => !ids.has(id) && !this.#handed.has(id) && !this.#opened.has(id);
    for (const id of [...this.torrents.keys(), ...this.unseen].filter(isLost)) this.#forget(id);
    void this.#guarded(this.#opened.openAgain(this.#client, ids, (id) => this.torrents.get(id)?.snapshot.phase === 'paused'));
  }

  #forget(id: string): void {
    for (const ids of [this.torrents, this.unseen]) ids.delete(id);
    for (const given of [this.#handed, this.#opened]) given.forget(id);
  }

  /** From now on commands wait until {@link #start} is called. */
  #suspend(): void {
    const before = this.#start;
    this.#running = new Promise((resolve) => {
      this.#start = () => {
        resolve();
        before();
      };
    });
  }

  #connect(): EngineClient {
    return new EngineClient(this.#options.makePort(), {
      onNotice: (notice) => this.#notice(notice),
      onOrder: (order) => this.#connections.obey(order),
      onCrash: (failure, suspect) => this.#crash(failure, suspect),
    });
  }

  async #startEngine(suspect: string | null): Promise<readonly string[]> {
    const options = { preferences: this.#options.preferences(), trackers: this.#trackers, suspect };
    const ids = await this.#client.call('start', [options]);
    for (const id of ids) if (!this.torrents.has(id)) this.unseen.add(id);
    return ids;
  }

  #crash(failure: Failure, suspect: string | null): void {
    this.started = false;
    void this.#connections.close();
    const pauseMs = this.#restarts.nextPauseMs(performance.now());
    if (pauseMs === null) return this.#giveUp(failure);
    this.#suspend();
    setTimeout(() => void this.#guarded(this.#restart(suspect)), pauseMs);
  }

  /** Commands that wait for the engine end with the same failure, because its client is dead. */
  #giveUp(failure: Failure): void {
    [this.crashed, this.failure] = [true, failure];
    this.#start();
  }

  /** The engine runs. What the page shows was said before, perhaps to nobody. */
  #begin(): void {
    this.started = true;
    this.#tell('watch', [this.#watched]);
    this.#tell('visible', [this.#visible]);
    this.#start();
  }

  /** A new Worker that has everything again: from storage or another tab, and from this page the files that were handed to the last one. */
  async #restart(suspect: string | null): Promise<void> {
    this.#client = this.#connect();
    const ids = new Set(await this.#startEngine(suspect));
    this.failure = { code: 'engineRestarted' };
    this.#begin();
    await this.#handed.handAgain(this.#client, ids);
  }
}
