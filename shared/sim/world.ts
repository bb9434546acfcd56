import type { InfoHash, Milliseconds, PeerId, PieceIndex } from '../ids.ts';
import type { Random } from '../random.ts';
import { Geometry } from '../torrent/geometry.ts';
import { EventQueue } from './core/event-queue.ts';
import type { Content } from './core/content.ts';
import { distinctContent, sharedContent } from './core/content.ts';
import type { LinkEnd } from './network/link.ts';
import { Mesh } from './network/mesh.ts';
import type { Transport } from './network/mesh.ts';
import { Node } from './network/node.ts';
import { type ObservedNode, Observers } from './network/observer.ts';
import type { NodeConfig } from './network/node-config.ts';
import type { NodeEnv } from './network/node-env.ts';
import { Trace } from './core/trace.ts';
import { Tracker } from './network/tracker.ts';
import type { TrackerConfig } from './network/tracker.ts';
import { WebSeed } from './network/web-seed.ts';

export interface WorldConfig {
  readonly pieceCount: number;
  readonly pieceBytes: number;
  /** A short last piece exercises short last blocks. */
  readonly lastPieceBytes: number;
  readonly transport: Transport;
  readonly tracker: TrackerConfig;
  /** Sends real wire bytes through the real codec instead of messages. */
  readonly asBytes: boolean;
  /** Bytes per second of a web seed that everyone knows. Default: no web seed. */
  readonly webSeedRate?: number;
}

/** Any fixed hash will do: a world has one swarm. */
export const simulatedHash = '5e'.repeat(20) as InfoHash;

/** `-TS0100-` and the index of the node. */
export function peerIdOf(index: number): PeerId {
  return `2d5453303130302d${index.toString(16).padStart(24, '0')}` as PeerId;
}

/** 40,000 bytes: three metadata pieces, the last one short. */
const simulatedInfo = Uint8Array.from({ length: 40_000 }, (_, i) => i % 253);

/** The virtual clock, network and peers. Same seed, same run. */
export class World implements NodeEnv {
  readonly queue = new EventQueue();
  readonly trace = new Trace();
  readonly geometry: Geometry;
  readonly content: Content;
  readonly infoBytes = simulatedInfo;
  readonly observers = new Observers();
  readonly asBytes: boolean;
  readonly burstBlocks: number;
  readonly nodes: Node[] = [];
  readonly webSeed: WebSeed | null;
  /** Number of nodes that must finish and have not. */
  unfinished = 0;
  readonly #mesh: Mesh;
  /** Per piece: how many living leeches store it. */
  readonly #copies: Uint32Array;

  constructor(config: WorldConfig, random: Random) {
    const bytes = (config.pieceCount - 1) * config.pieceBytes + config.lastPieceBytes;
    this.geometry = new Geometry(config.pieceBytes, [{ length: bytes, padding: false }]);
    this.asBytes = config.asBytes;
    this.burstBlocks = config.transport.burstBlocks ?? 1;
    this.content = config.asBytes ? distinctContent : sharedContent;
    const { webSeedRate = 0 } = config;
    this.webSeed = webSeedRate > 0 ? new WebSeed(this.queue, this.geometry, this.content, webSeedRate) : null;
    this.#copies = new Uint32Array(config.pieceCount);
    this.#mesh = new Mesh(this.queue, new Tracker(config.tracker, random), config.transport, random);
  }

  add(config: NodeConfig, random: Random): Node {
    const node = new Node(this.nodes.length, config, this, random);
    this.nodes.push(node);
    if (config.mustFinish) this.unfinished++;
    return node;
  }

  join(node: Node): void {
    node.join();
    if (this.webSeed !== null) this.#reportExpected();
    this.#count(node, 1);
    this.#mesh.announce(node);
  }

  /** A page learns this number from trackers and offers. */
  #reportExpected(): void {
    const living = this.nodes.filter(({ alive }) => alive);
    for (const node of living) node.feed({ kind: 'expected', peers: living.length - 1 });
  }

  leave(node: Node, suddenly: boolean): void {
    this.#count(node, -1);
    node.die();
    this.#mesh.left(node, suddenly);
  }

  /** Runs until `isDone`, which is checked whenever the clock moves, or until the time is up. */
  run(untilMs: Milliseconds, isDone: () => boolean): void {
    while (this.queue.nextAt <= untilMs && !isDone()) {
      const at = this.queue.nextAt;
      while (this.queue.nextAt === at) this.queue.runNext();
    }
  }

  closedByNode(end: LinkEnd): void {
    this.#mesh.closedByNode(end);
  }

  pieceStored(node: ObservedNode, piece: PieceIndex): void {
    if (!node.config.isSeed) this.#copies[piece] = (this.#copies[piece] ?? 0) + 1;
    if (node.config.mustFinish && node.disk.isComplete) this.unfinished--;
  }

  /** The lowest number of copies of a piece among leeches, plus the share of pieces above that number. */
  leechCopies(): number {
    const least = this.#copies.reduce((a, b) => Math.min(a, b), Infinity);
    const above = this.#copies.reduce((count, copies) => count + Number(copies > least), 0);
    return least + above / this.#copies.length;
  }

  #count(node: Node, change: 1 | -1): void {
    if (node.config.isSeed) return;
    for (const [piece, copies] of this.#copies.entries()) if (node.disk.has(piece)) this.#copies[piece] = copies + change;
  }
}
