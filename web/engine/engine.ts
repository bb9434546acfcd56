import { randomSeed } from './lib/random-seed.ts';
import { fromBinaryString, toHex } from '../../shared/bytes.ts';
import { TabswarmError } from '../../shared/failure.ts';
import type { PeerId } from '../../shared/ids.ts';
import { seededRandom } from '../../shared/random.ts';
import type { WebSeedPolicy } from '../../shared/swarm/events.ts';
import { plainClient } from '../../shared/swarm/peer/peer.ts';
import type { Notice, RtcOrder, RtcReport, StartOptions } from '../bridge/protocol.ts';
import type { EngineReceiver } from '../bridge/worker-server.ts';
import { SubtleHashing } from './driver/hashing.ts';
import { browserName } from './lib/browser-name.ts';
import { Connector } from './net/connector.ts';
import { Library } from './library/library.ts';
import { Session } from './session/session.ts';
import { StepMark } from './session/step-mark.ts';
import { TabLock, type TabLockListener } from './session/tab-lock.ts';
import type { TorrentSession } from './session/torrent-session.ts';
import { SnapshotPublisher } from './snapshot/publisher.ts';
import { StorageReport } from './storage/storage-report.ts';

export interface EngineOptions {
  readonly notify: (notice: Notice) => void;
  readonly order: (order: RtcOrder) => void;
  readonly stepping: (id: string | null) => void;
}

/** Azureus style (BEP 20), version 0.1. */
const clientPrefix = '-TS0100-';
const peerIdLetters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The whole engine of one tab: it has a session as long as this tab is the owner. */
export class Engine implements EngineReceiver, TabLockListener {
  readonly #options: EngineOptions;
  readonly #publisher: SnapshotPublisher;
  readonly #storageReport: StorageReport;
  readonly #hashing = new SubtleHashing();
  readonly #stepMark: StepMark;
  readonly #lock: TabLock;
  #webSeeds: WebSeedPolicy = 'gaps';
  #trackers: readonly string[] = [];
  #suspect: string | null = null;
  #connector: Connector | null = null;
  #session: Session | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#storageReport = new StorageReport(options.notify);
    this.#publisher = new SnapshotPublisher(options.notify, () => this.#storageReport.touched());
    this.#lock = new TabLock(this);
    this.#stepMark = new StepMark(options.stepping);
  }

  async start({ takeOver, webSeeds, trackers, suspect }: StartOptions): Promise<readonly string[]> {
    this.#webSeeds = webSeeds;
    this.#trackers = trackers;
    this.#suspect = suspect;
    if (!(await this.#lock.acquire(takeOver))) this.#options.notify({ kind: 'owner', elsewhere: true });
    return this.#session?.ids() ?? [];
  }

  watch(ids: readonly string[]): void {
    this.#publisher.watch(ids);
  }

  visible(visible: boolean): void {
    this.#publisher.visible(visible);
  }

  useWebSeeds(policy: WebSeedPolicy): void {
    this.#webSeeds = policy;
    this.#session?.tellWebSeeds();
  }

  useTrackers(trackers: readonly string[]): void {
    this.#trackers = trackers;
    this.#session?.tellTrackers();
  }

  session(): Session {
    if (this.#session === null) throw new TabswarmError('otherTab');
    return this.#session;
  }

  torrent(id: string): TorrentSession {
    return this.session().torrent(id);
  }

  /** Without a session nobody is connected. */
  report(report: RtcReport): void {
    this.#connector?.report(report);
  }

  async gained(): Promise<void> {
    const library = await Library.open();
    if (library.inMemory) this.#storageReport.refused();
    if (library.lost) this.#options.notify({ kind: 'failure', failure: { code: 'storageLost' } });
    await library.sweep();
    const random = seededRandom(randomSeed());
    this.#connector = new Connector({ peerId: newPeerId(), client: clientName(), random, order: this.#options.order });
    this.#session = new Session({
      connections: this.#connector,
      hashing: this.#hashing,
      library,
      publisher: this.#publisher,
      storageReport: this.#storageReport,
      stepping: (id) => this.#stepMark.stepping(id),
      webSeedPolicy: () => this.#webSeeds,
      ownTrackers: () => this.#trackers,
    });
    this.#options.notify({ kind: 'owner', elsewhere: false });
    await this.#session.restore(this.#suspect);
    this.#suspect = null;
    await this.#storageReport.tell();
  }

  async lost(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close();
    this.#connector = null;
    this.#publisher.show(new Map());
    this.#options.notify({ kind: 'owner', elsewhere: true });
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
