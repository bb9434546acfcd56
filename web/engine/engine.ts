import { randomSeed } from './lib/random-seed.ts';
import { fromBinaryString, toHex } from '../../shared/bytes.ts';
import { TabswarmError } from '../../shared/failure.ts';
import type { PeerId } from '../../shared/ids.ts';
import { seededRandom } from '../../shared/random.ts';
import { BandwidthLimit } from '../../shared/swarm/bandwidth/bandwidth-limit.ts';
import { plainClient } from '../../shared/swarm/peer/peer.ts';
import type { Preferences } from '../bridge/preferences.ts';
import type { Notice, RtcOrder, RtcReport } from '../bridge/protocol.ts';
import type { EngineReceiver } from '../bridge/worker-server.ts';
import { SubtleHashing } from './driver/hashing.ts';
import { browserName } from './lib/browser-name.ts';
import { Connector } from './net/connector.ts';
import type { HeldFiles } from './session/held-files.ts';
import { Library } from './library/library.ts';
import { Session } from './session/session.ts';
import { StepMark } from './session/step-mark.ts';
import type { TorrentSession } from './session/torrent-session.ts';
import { type NoticePort, SnapshotPublisher, SnapshotPublishers } from './snapshot/publisher.ts';
import { StorageReport } from './storage/storage-report.ts';

export interface EngineOptions {
  readonly order: (order: RtcOrder) => void;
  readonly stepping: (id: string | null) => void;
  readonly held: HeldFiles;
}

/** Azureus style (BEP 20), version 0.1. */
const clientPrefix = '-TS0100-';
const peerIdLetters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The engine of this tab: it has a session as long as this tab leads. Any number of pages see it. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #publishers = new SnapshotPublishers();
  readonly #storageReport = new StorageReport((notice) => this.notify(notice));
  readonly #hashing = new SubtleHashing();
  readonly #stepMark: StepMark;
  #preferences: Preferences = { webSeeds: 'gaps', limits: { down: null, up: null }, gentle: false, ownName: '', keepCopy: 'auto' };
  #trackers: readonly string[] = [];
  readonly #limits = { down: new BandwidthLimit(), up: new BandwidthLimit() };
  #connector: Connector | null = null;
  #session: Session | null = null;
  #isStored = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#stepMark = new StepMark(options.stepping);
  }

  /** What is received is kept beyond this visit. */
  get isStored(): boolean {
    return this.#isStored;
  }

  /** A page that sees and commands the torrents, from now on. */
  open(page: NoticePort): EngineView {
    const publisher = new SnapshotPublisher(page, () => this.#storageReport.touched());
    this.#publishers.add(publisher);
    if (this.#session !== null) void this.#storageReport.tell();
    return new EngineView(this, publisher, () => this.#publishers.delete(publisher));
  }

  usePreferences(preferences: Preferences): void {
    const before = this.#preferences;
    this.#preferences = preferences;
    const { limits, webSeeds, gentle, ownName } = preferences;
    this.#limits.down.bytesPerSecond = limits.down;
    this.#limits.up.bytesPerSecond = limits.up;
    this.#session?.tellLimits();
    if (webSeeds !== before.webSeeds) this.#session?.tellWebSeeds();
    if (gentle !== before.gentle) this.#session?.tellGentle();
    if (ownName !== before.ownName) this.#session?.tellName();
  }

  useTrackers(trackers: readonly string[]): void {
    this.#trackers = trackers;
    this.#session?.tellTrackers();
  }

  /** @throws TabswarmError `engineCrashed` while this tab does not lead. */
  session(): Session {
    if (this.#session === null) throw new TabswarmError('engineCrashed', 'this tab does not lead');
    return this.#session;
  }

  /** Without a session nobody is connected. */
  report(report: RtcReport): void {
    this.#connector?.report(report);
  }

  /** To every page. */
  notify(notice: Notice): void {
    this.#publishers.notify(notice);
  }

  /** The session takes calls from now on; {@link restore} brings the torrents of the library. */
  async begin(): Promise<Session> {
    const library = await Library.open();
    this.#isStored = !library.inMemory;
    if (library.inMemory) this.#storageReport.refused();
    if (library.lost) this.notify({ kind: 'failure', failure: { code: 'storageLost' } });
    await library.sweep();
    const random = seededRandom(randomSeed());
    // A new peer id each time: what the last tab left open at trackers and peers must not be taken for this one.
    this.#connector = new Connector({ peerId: newPeerId(), client: clientName(), random, order: this.#options.order });
    this.#session = new Session({
      connections: this.#connector,
      hashing: this.#hashing,
      library,
      publisher: this.#publishers,
      storageReport: this.#storageReport,
      stepping: (id) => this.#stepMark.stepping(id),
      limits: this.#limits,
      isGentle: () => this.#preferences.gentle,
      ownName: () => this.#preferences.ownName,
      keepCopy: () => this.#preferences.keepCopy,
      webSeedPolicy: () => this.#preferences.webSeeds,
      ownTrackers: () => this.#trackers,
      held: this.#options.held,
    });
    return this.#session;
  }

  /** `suspect`: the torrent that was being stepped when the last Worker of this tab died. */
  async restore(session: Session, suspect: string | null): Promise<void> {
    await session.restore(suspect);
    void this.#storageReport.tell();
  }

  async end(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#publishers.show(new Map());
    await session?.close();
    this.#connector = null;
  }
}

/** The engine as one page sees it: what it watches is its own, the torrents are everybody's. */
export class EngineView implements EngineReceiver {
  readonly #engine: Engine;
  readonly #publisher: SnapshotPublisher;
  readonly close: () => void;

  constructor(engine: Engine, publisher: SnapshotPublisher, close: () => void) {
    this.#engine = engine;
    this.#publisher = publisher;
    this.close = close;
  }

  watch(ids: readonly string[]): void {
    this.#publisher.watch(ids);
  }

  visible(visible: boolean): void {
    this.#publisher.visible(visible);
  }

  usePreferences(preferences: Preferences): void {
    this.#engine.usePreferences(preferences);
  }

  useTrackers(trackers: readonly string[]): void {
    this.#engine.useTrackers(trackers);
  }

  suspect(id: string): void {
    this.session().crashed(id);
  }

  session(): Session {
    return this.#engine.session();
  }

  torrent(id: string): TorrentSession {
    return this.session().torrent(id);
  }
}

/** Shown to the people we are connected to, so that a sender can tell them apart. */
function clientName(): string {
  const browser = browserName(navigator.userAgent);
  return browser === '' ? plainClient : `${plainClient} (${browser})`;
}

function newPeerId(): PeerId {
  const letters = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => peerIdLetters.charAt(byte % peerIdLetters.length));
  return toHex(fromBinaryString(clientPrefix + letters.join(''))) as PeerId;
}
