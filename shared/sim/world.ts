import type { InfoHash, Milliseconds, PeerId, PieceIndex } from '../ids.ts';
import type { Random } from '../random.ts';
import { Geometry } from '../torrent/geometry.ts';
import { Agenda } from './core/event-queue.ts';
import type { Content } from './core/content.ts';
import { distinctContent, sharedContent } from './core/content.ts';
import type { End } from './network/link.ts';
import { Mesh } from './network/mesh.ts';
import type { Transport } from './network/mesh.ts';
import { Node } from './network/node.ts';
import type { Observer } from './check/observer.ts';
import type { NodeConfig, Surroundings } from './core/node-env.ts';
import { Trace } from './core/trace.ts';
import { Tracker } from './network/tracker.ts';
import type { TrackerConfig } from './network/tracker.ts';
import { WebSeed } from './network/web-seed.ts';

export interface WorldConfig {
  readonly pieceCount: number;
  readonly pieceBytes: number;
  /** Bytes of the last piece, so that short last blocks are met. */
  readonly lastPieceBytes: number;
  readonly transport: Transport;
  readonly tracker: TrackerConfig;
  /** Real wire bytes through the real codec, instead of messages. */
  readonly asBytes: boolean;
  /** Bytes a second of a web seed that everyone knows; without it there is none. */
  readonly webSeedRate?: number;
}

/** Any fixed name will do: there is one swarm in a world. */
export const simulatedHash = '5e'.repeat(20) as InfoHash;

/** `-TS0100-` and the number of the node. */
export function peerIdOf(index: number): PeerId {
  return `2d5453303130302d${index.toString(16).padStart(24, '0')}` as PeerId;
}

/** 40,000 bytes: three metadata pieces, the last one short. */
const simulatedInfo = Uint8Array.from({ length: 40_000 }, (_, i) => i % 253);

/** The virtual clock, network and peers. Same seed, same run. */
export class World implements Surroundings {
  readonly agenda = new Agenda();
  readonly trace = new Trace();
  readonly geometry: Geometry;
  readonly content: Content;
  readonly infoBytes = simulatedInfo;
  readonly observers: Observer[] = [];
  readonly asBytes: boolean;
  readonly nodes: Node[] = [];
  readonly webSeed: WebSeed | null;
  /** Nodes that must finish and have not. */
  unfinished = 0;
  readonly #mesh: Mesh;
  /** How many living peers that are no seeds store each piece. */
  readonly #copies: Uint32Array;

  constructor(config: WorldConfig, random: Random) {
    const bytes = (config.pieceCount - 1) * config.pieceBytes + config.lastPieceBytes;
    this.geometry = new Geometry(config.pieceBytes, [{ length: bytes, padding: false }]);
    this.asBytes = config.asBytes;
    this.content = config.asBytes ? distinctContent : sharedContent;
    const { webSeedRate = 0 } = config;
    this.webSeed = webSeedRate > 0 ? new WebSeed(this.agenda, this.geometry, this.content, webSeedRate) : null;
    this.#copies = new Uint32Array(config.pieceCount);
    this.#mesh = new Mesh(this.agenda, new Tracker(config.tracker, random), config.transport, random);
  }

  add(config: NodeConfig, random: Random): Node {
    const node = new Node(this.nodes.length, config, this, random);
    this.nodes.push(node);
    if (config.mustFinish) this.unfinished++;
    return node;
  }

  join(node: Node): void {
    node.join();
    if (this.webSeed !== null) this.#tellExpected();
    this.#count(node, 1);
    this.#mesh.announce(node);
  }

  /** What trackers and offers tell a page soon enough. */
  #tellExpected(): void {
    const living = this.nodes.filter(({ alive }) => alive);
    for (const node of living) node.feed({ kind: 'expected', peers: living.length - 1 });
  }

  leave(node: Node, suddenly: boolean): void {
    this.#count(node, -1);
    node.die();
    this.#mesh.left(node, suddenly);
  }

  /** Runs until `isDone` or the time is up; `isDone` is asked whenever the clock has moved. */
  run(untilMs: Milliseconds, isDone: () => boolean): void {
    while (this.agenda.nextAt <= untilMs && !isDone()) {
      const at = this.agenda.nextAt;
      while (this.agenda.nextAt === at) this.agenda.runNext();
    }
  }

  hungUp(end: End): void {
    this.#mesh.hungUp(end);
  }

  pieceStored(node: Node, piece: PieceIndex): void {
    if (!node.config.isSeed) this.#copies[piece]!++;
    if (node.config.mustFinish && node.disk.isComplete) this.unfinished--;
  }

  /** The least number of copies of a piece among leeches, plus the share of pieces above that least. */
  leechCopies(): number {
    const least = this.#copies.reduce((a, b) => Math.min(a, b), Infinity);
    const above = this.#copies.reduce((count, copies) => count + Number(copies > least), 0);
    return least + above / this.#copies.length;
  }

  #count(node: Node, change: 1 | -1): void {
    if (node.config.isSeed) return;
    for (let piece = 0; piece < this.#copies.length; piece++) if (node.disk.has(piece)) this.#copies[piece]! += change;
  }
}
