import type { InfoHash, Milliseconds, PeerId } from '../../../shared/ids.ts';
import { toHex } from '../../../shared/bytes.ts';
import type { Random } from '../../../shared/random.ts';
import type { RtcOrder, RtcReport } from '../../bridge/protocol.ts';
import { ConnectionPool } from './connection-pool.ts';
import { Bans } from './peer-history.ts';
import { NextTask } from '../links/next-task.ts';
import type { Connections, JoinOptions, Swarm } from '../interfaces.ts';
import type { SwarmContext } from './swarm-context.ts';
import { TorrentSwarm } from './torrent-swarm.ts';
import { TrackerClient, type SocketOpener } from './tracker-client.ts';

export interface ConnectorOptions {
  readonly peerId: PeerId;
  /** What peers show people of us (BEP 10 `v`). */
  readonly client: string;
  readonly random: Random;
  /** Posts to the page's `RtcHost`. */
  readonly order: (order: RtcOrder) => void;
  readonly openSocket?: SocketOpener;
}

/** All connections of this page: puts the trackers, the page's connection budget and the swarms together, and keeps their one timer. */
export class Connector implements Connections {
  readonly peerId: PeerId;
  readonly client: string;
  readonly #nextTask = new NextTask();
  readonly #pool: ConnectionPool;
  readonly #trackers: TrackerClient;
  readonly #swarms = new Map<InfoHash, TorrentSwarm>();
  readonly #context: SwarmContext;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #advanceComing = false;

  constructor(options: ConnectorOptions) {
    this.peerId = options.peerId;
    this.client = options.client;
    this.#pool = new ConnectionPool(options.order, this.#nextTask, now);
    this.#trackers = new TrackerClient(options.random, options.openSocket);
    this.#context = {
      peerId: options.peerId,
      pool: this.#pool,
      trackers: this.#trackers,
      random: options.random,
      now,
      banned: new Bans(),
      newOfferId,
      touched: () => this.#advanceSoon(),
      left: (swarm) => this.#leave(swarm),
    };
  }

  join(options: JoinOptions): Swarm {
    const swarm = new TorrentSwarm(options, this.#context);
    this.#swarms.set(options.infoHash, swarm);
    return swarm;
  }

  online(): void {
    for (const swarm of this.#swarms.values()) swarm.online();
    this.#trackers.online();
  }

  /** What the page's `RtcHost` posted. */
  report(report: RtcReport): void {
    this.#pool.report(report);
    this.#advanceSoon();
  }

  #leave(swarm: Swarm): void {
    for (const [infoHash, known] of this.#swarms) if (known === swarm) this.#swarms.delete(infoHash);
    this.#advanceSoon();
  }

  /** Runs once for everything that happens in one task. */
  #advanceSoon(): void {
    if (this.#advanceComing) return;
    this.#advanceComing = true;
    queueMicrotask(() => {
      this.#advanceComing = false;
      this.#advance();
    });
  }

  #advance(): void {
    clearTimeout(this.#timer);
    this.#pool.advance(now());
    for (const swarm of this.#swarms.values()) swarm.advance(now());
    let wakeAt = this.#pool.wakeAt();
    for (const swarm of this.#swarms.values()) wakeAt = Math.min(wakeAt, swarm.wakeAt());
    // At least 1 ms: something that the budget did not allow must not be tried again in a busy loop.
    if (wakeAt !== Infinity) this.#timer = setTimeout(() => this.#advance(), Math.max(1, Math.ceil(wakeAt - now())));
  }
}

function now(): Milliseconds {
  return performance.now();
}

/** 20 hex characters: the length that every tracker accepts, and nothing to escape in JSON. */
function newOfferId(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(10)));
}
