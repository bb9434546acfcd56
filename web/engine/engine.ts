import { fromBinaryString, toHex } from '../../shared/bytes.ts';
import { failureOf, TabswarmError } from '../../shared/failure.ts';
import type { PeerId } from '../../shared/ids.ts';
import { seededRandom } from '../../shared/random.ts';
import type { WebSeedPolicy } from '../../shared/swarm/events.ts';
import { plainClient } from '../../shared/swarm/peer/peer.ts';
import type { Notice, RtcOrder, RtcReport, StartOptions } from '../bridge/protocol.ts';
import type { Handlers } from '../bridge/worker-server.ts';
import { SnapshotPublisher } from './snapshot/publisher.ts';
import { browserName } from './lib/browser-name.ts';
import { Library } from './session/library.ts';
import { Connector } from './net/connector.ts';
import { SubtleHashing } from './driver/hashing.ts';
import { TabLock, type TabLockListener } from './session/tab-lock.ts';
import { Session, type SessionHandlers } from './session/session.ts';
import { StorageReport } from './storage/storage-report.ts';

export interface EngineOptions {
  readonly notify: (notice: Notice) => void;
  readonly order: (order: RtcOrder) => void;
}

/** Azureus style (BEP 20), version 0.1. */
const clientPrefix = '-TS0100-';
const peerIdLetters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The whole engine of one tab: it has a session as long as this tab is the owner. */
export class Engine implements TabLockListener {
  readonly handlers: Handlers;
  readonly #options: EngineOptions;
  readonly #publisher: SnapshotPublisher;
  readonly #storage: StorageReport;
  readonly #hashing = new SubtleHashing();
  readonly #lock: TabLock;
  #webSeeds: WebSeedPolicy = 'gaps';
  #connector: Connector | null = null;
  #session: Session | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#publisher = new SnapshotPublisher(options.notify);
    this.#storage = new StorageReport(options.notify);
    this.#lock = new TabLock(this);
    this.handlers = { ...this.#ownHandlers(), ...this.#sessionHandlers() };
  }

  /** What the page's connections report. Without a session nobody is connected. */
  report(report: RtcReport): void {
    this.#connector?.report(report);
  }

  async gained(): Promise<void> {
    const library = await Library.open();
    if (library.inMemory) this.#storage.refused();
    if (library.lost) this.#options.notify({ kind: 'failure', failure: failureOf(new TabswarmError('storageLost'), 'storageLost') });
    const random = seededRandom(crypto.getRandomValues(new Uint32Array(1))[0]!);
    this.#connector = new Connector({ peerId: newPeerId(), client: clientName(), random, order: this.#options.order });
    const { publisher, storage, hashing } = { publisher: this.#publisher, storage: this.#storage, hashing: this.#hashing };
    const webSeedPolicy = (): WebSeedPolicy => this.#webSeeds;
    this.#session = new Session({ connections: this.#connector, hashing, library, publisher, storage, webSeedPolicy });
    this.#options.notify({ kind: 'owner', elsewhere: false });
    await this.#session.restore();
    await storage.tell();
  }

  async lost(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close();
    this.#connector = null;
    this.#publisher.show(new Map());
    this.#options.notify({ kind: 'owner', elsewhere: true });
  }

  async #start({ takeOver, webSeeds }: StartOptions): Promise<void> {
    this.#webSeeds = webSeeds;
    if (!(await this.#lock.acquire(takeOver))) this.#options.notify({ kind: 'owner', elsewhere: true });
  }

  #ownHandlers(): Omit<Handlers, keyof SessionHandlers> {
    return {
      start: (options) => this.#start(options),
      watch: (ids) => this.#publisher.watch(ids),
      visible: (visible) => this.#publisher.visible(visible),
      useWebSeeds: (policy) => {
        this.#webSeeds = policy;
        this.#session?.tellWebSeeds();
      },
    };
  }

  /** @throws TabswarmError `otherTab` while another tab owns the engine. */
  #sessionHandlers(): SessionHandlers {
    const session = (): Session => {
      if (this.#session === null) throw new TabswarmError('otherTab');
      return this.#session;
    };
    return {
      handFiles: (batch, files) => session().handFiles(batch, files),
      publish: (name, batch, options) => session().publish(name, batch, options),
      addMagnet: (link, options) => session().addMagnet(link, options),
      addTorrentFile: (bytes, options) => session().addTorrentFile(bytes, options),
      want: (id, files) => session().want(id, files),
      files: (id) => session().files(id),
      torrentFile: (id) => session().torrentFile(id),
      rename: (id, title) => session().rename(id, title),
      pause: (id) => session().pause(id),
      resume: (id) => session().resume(id),
      remove: (id) => session().remove(id),
      save: (id, file, target) => session().save(id, file, target),
      saved: (id) => session().saved(id),
      check: (id) => session().check(id),
      reconnectFiles: (id, batch) => session().reconnectFiles(id, batch),
      fileHandles: (id) => session().fileHandles(id),
      reopenFiles: (id) => session().reopenFiles(id),
      online: () => session().online(),
    };
  }
}

/** SnapshotSource to the people we are connected to, so that a sender can tell them apart. */
function clientName(): string {
  const browser = browserName(navigator.userAgent);
  return browser === '' ? plainClient : `${plainClient} (${browser})`;
}

function newPeerId(): PeerId {
  const letters = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => peerIdLetters[byte % peerIdLetters.length]!);
  return toHex(fromBinaryString(clientPrefix + letters.join(''))) as PeerId;
}
