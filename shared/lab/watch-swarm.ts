import type { ObservedNode, Observer } from '../sim/network/observer.ts';
import type { LinkOwner } from '../sim/network/link.ts';
import { run } from '../sim/run.ts';
import type { World } from '../sim/world.ts';
import { timesOf } from '../sim/report.ts';
import { boundMs, type SwarmOptions, swarmScenario } from './swarm-options.ts';

/** The swarm at one moment. Peers are numbered as in {@link SwarmFilm.names}. */
export interface Frame {
  readonly seconds: number;
  /** What each peer has, 0–255. */
  readonly shares: Uint8Array;
  /** Share of the leeches' uplinks in use since the last frame, 0–1. */
  readonly uplinkUse: number;
  /** Who gave blocks to whom since the last frame: giver, receiver, giver, receiver, … Those who gave most come first. */
  readonly transfers: Uint16Array;
}

/** What a watched run is told: first who takes part, then frame by frame. */
export interface SwarmFilm {
  /** Groups of the peers, in order: `seed`, `leech`, `rider`, … */
  readonly names: readonly string[];
  readonly boundSeconds: number;
}

export interface WatchedResult {
  readonly everyoneDone: boolean;
  /** Seconds from the first peer to the last one that must finish. */
  readonly lastSeconds: number;
  readonly lastOverBound: number;
  readonly seedFiles: number;
  readonly wastedShare: number;
  readonly messagesPerPeer: number;
  readonly traceHash: string;
}

interface Watcher {
  readonly start: (film: SwarmFilm) => void;
  readonly frame: (frame: Frame) => void;
}

/** Frames in the time of the bound: smooth to look at, little to send. */
const framesPerBound = 50;
/** More lines than this are a grey cloud. */
const mostTransfers = 300;

/** Counts blocks by giver and receiver. */
class Transfers {
  readonly #indexes: ReadonlyMap<ObservedNode | LinkOwner, number>;
  readonly #blocks = new Map<number, number>();
  readonly #count: number;

  constructor(indexes: ReadonlyMap<ObservedNode | LinkOwner, number>) {
    this.#indexes = indexes;
    this.#count = indexes.size;
  }

  add(from: ObservedNode, to: LinkOwner): void {
    const pair = (this.#indexes.get(from) ?? 0) * this.#count + (this.#indexes.get(to) ?? 0);
    this.#blocks.set(pair, (this.#blocks.get(pair) ?? 0) + 1);
  }

  /** The pairs since the last call. */
  take(): Uint16Array {
    const pairs = [...this.#blocks].toSorted(([, a], [, b]) => b - a).slice(0, mostTransfers);
    this.#blocks.clear();
    return Uint16Array.from(pairs.flatMap(([pair]) => [Math.floor(pair / this.#count), pair % this.#count]));
  }
}

class Camera implements Observer {
  readonly #world: World;
  readonly #watcher: Watcher;
  readonly #frameMs: number;
  readonly #boundMs: number;
  #transfers: Transfers | null = null;
  #nextMs = 0;
  #busyMs = 0;
  #lastMs = 0;

  constructor(world: World, watcher: Watcher, bound: number) {
    this.#world = world;
    this.#watcher = watcher;
    this.#boundMs = bound;
    this.#frameMs = bound / framesPerBound;
  }

  served(node: ObservedNode, end: { readonly other: { readonly owner: LinkOwner } }): void {
    this.#transfers?.add(node, end.other.owner);
  }

  settled(): void {
    if (this.#world.queue.now >= this.#nextMs) this.shoot();
  }

  shoot(): void {
    this.#transfers ??= this.#begin();
    const { nodes, geometry, queue } = this.#world;
    const leeches = nodes.filter(({ config }) => !config.isSeed);
    const busyMs = leeches.reduce((sum, { uplink }) => sum + uplink.busyMs, 0);
    const passedMs = queue.now - this.#lastMs;
    this.#watcher.frame({
      seconds: queue.now / 1000,
      shares: Uint8Array.from(nodes, ({ disk }) => Math.floor((255 * disk.storedCount) / geometry.pieceCount)),
      uplinkUse: passedMs === 0 ? 0 : Math.min(1, (busyMs - this.#busyMs) / (passedMs * leeches.length)),
      transfers: this.#transfers.take(),
    });
    this.#busyMs = busyMs;
    this.#lastMs = queue.now;
    this.#nextMs = queue.now + this.#frameMs;
  }

  #begin(): Transfers {
    const { nodes } = this.#world;
    this.#watcher.start({ names: nodes.map(({ config }) => config.group.split(' ')[0] ?? ''), boundSeconds: this.#boundMs / 1000 });
    return new Transfers(new Map(nodes.map((node, index) => [node, index])));
  }
}

/** Runs a swarm once and shows it while it runs. Options and seed alone determine what is shown. */
export function watchSwarm(options: SwarmOptions, seed: number, watcher: Watcher): WatchedResult {
  const bound = boundMs(options);
  const cameras: Camera[] = [];
  const result = run(swarmScenario(options, seed), seed, (world) => {
    cameras.push(new Camera(world, watcher, bound));
    return cameras;
  });
  for (const camera of cameras) camera.shoot();
  const { everyoneDone, endedMs, seedFiles, wastedShare, messagesPerPeer, traceHash } = result;
  const groups = new Set(result.peers.filter(({ strategy, mustFinish }) => strategy === 'honest' && mustFinish).map(({ group }) => group));
  const last = everyoneDone ? Math.max(...[...groups].flatMap((group) => timesOf(result, group))) : endedMs;
  return { everyoneDone, lastSeconds: last / 1000, lastOverBound: last / bound, seedFiles, wastedShare, messagesPerPeer, traceHash };
}
