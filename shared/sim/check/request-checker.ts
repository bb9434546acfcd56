import type { BlockRef } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { defaultConfig } from '../../swarm/config.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { readDontHave } from '../../wire/extensions/dont-have.ts';
import { localExtensionId } from '../../wire/extensions/extension.ts';
import { check } from './check-failure.ts';
import { kept } from './kept.ts';
import type { LinkEnd } from '../network/link.ts';
import type { ObservedNode, Observer } from '../network/observer.ts';

/** One end of a link: what the peer told us and what we requested, as seen on the wire. */
interface LinkState {
  readonly peerHas: Uint8Array;
  /** Pieces of which the peer rejected a block: we need not ask it again. */
  readonly rejected: Set<number>;
  readonly allowedFast: Set<number>;
  readonly requested: Set<number>;
  /** Cancelled requests that are not answered yet: with BEP 6 each still gets its block or its reject. */
  readonly cancelled: Map<number, number>;
  choked: boolean;
}

/** Every block of a node is in exactly one state: free, requested (on one link or more), held. */
interface NodeState {
  readonly links: Map<LinkEnd, LinkState>;
  /** On how many links each block is requested. */
  readonly requestCounts: Uint8Array;
  readonly held: Uint8Array;
  /** Pieces that failed once: the torrent may drop single blocks of the next copy. */
  readonly failed: Set<number>;
  /** Who sent each held block. If that link has closed since, the torrent may distrust the block and request it again. */
  readonly senders: Map<number, LinkEnd>;
}

/**
 * Checks requests as seen on the wire. A node never requests a block that it holds or that the peer lacks, never while choked (except
 * allowed-fast pieces), never more than its window, and never twice on one link. It requests a block from a second peer only in the
 * end game: when that peer has no missing piece of which nothing was requested.
 */
export class RequestChecker implements Observer {
  readonly #nodes = new Map<ObservedNode, NodeState>();
  readonly #pieceCount: number;
  readonly #blocksPerPiece: number;

  constructor(pieceCount: number, pieceBytes: number) {
    this.#pieceCount = pieceCount;
    this.#blocksPerPiece = Math.ceil(pieceBytes / blockBytes);
  }

  joined(node: ObservedNode): void {
    const blocks = this.#pieceCount * this.#blocksPerPiece;
    const nodeState: NodeState = {
      links: new Map(),
      requestCounts: new Uint8Array(blocks),
      held: new Uint8Array(blocks),
      failed: new Set(),
      senders: new Map(),
    };
    for (let piece = 0; piece < this.#pieceCount; piece++) if (node.disk.has(piece)) this.#fill(nodeState, piece, 1);
    this.#nodes.set(node, nodeState);
  }

  opened(node: ObservedNode, end: LinkEnd): void {
    const state: LinkState = {
      peerHas: new Uint8Array(this.#pieceCount),
      rejected: new Set(),
      allowedFast: new Set(),
      requested: new Set(),
      cancelled: new Map(),
      choked: true,
    };
    this.#node(node).links.set(end, state);
  }

  closed(node: ObservedNode, end: LinkEnd): void {
    this.#releaseAll(node, end);
    this.#node(node).links.delete(end);
  }

  delivered(node: ObservedNode, end: LinkEnd, message: WireMessage): void {
    const state = this.#state(node, end);
    switch (message.type) {
      case 'have':
        state.peerHas[message.piece] = 1;
        return;
      case 'haveAll':
        state.peerHas.fill(1);
        return;
      case 'bitfield':
        for (let piece = 0; piece < this.#pieceCount; piece++)
          if ((message.bits[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) state.peerHas[piece] = 1;
        return;
      case 'allowedFast':
        state.allowedFast.add(message.piece);
        return;
      case 'unchoke':
        state.choked = false;
        return;
      // Everyone here speaks BEP 6: a requested block is still answered by a block or a reject.
      case 'choke':
        state.choked = true;
        return;
      case 'extended':
        if (message.id === localExtensionId.ltDontHave) state.peerHas[readDontHave(message.payload)] = 0;
        return;
      case 'reject':
        if (takeCancelled(state, this.#key(message))) return;
        state.rejected.add(message.piece);
        return this.#release(node, state, this.#key(message));
      case 'piece':
        if (!state.requested.has(this.#key(message))) takeCancelled(state, this.#key(message));
        return this.#release(node, state, this.#key(message));
      default:
        return;
    }
  }

  sent(node: ObservedNode, end: LinkEnd, message: WireMessage): void {
    if (message.type === 'request' && node.config.isHonest) this.#onRequest(node, end, message);
    if (message.type !== 'cancel') return;
    const [state, key] = [this.#state(node, end), this.#key(message)];
    if (state.requested.has(key)) state.cancelled.set(key, (state.cancelled.get(key) ?? 0) + 1);
    this.#release(node, state, key);
  }

  written(node: ObservedNode, end: LinkEnd | undefined, piece: number, begin: number): void {
    const { held, senders } = this.#node(node);
    const key = this.#key({ piece, begin });
    held[key] = 1;
    if (end === undefined) senders.delete(key);
    else senders.set(key, end);
  }

  verified(node: ObservedNode, piece: number, ok: boolean): void {
    if (ok) return;
    this.#fill(this.#node(node), piece, 0);
    this.#node(node).failed.add(piece);
  }

  /** Counts as held: no peer may be asked for it meanwhile. */
  fetching(node: ObservedNode, piece: number): void {
    this.#fill(this.#node(node), piece, 1);
  }

  discarded(node: ObservedNode, piece: number): void {
    this.#fill(this.#node(node), piece, 0);
  }

  #onRequest(node: ObservedNode, end: LinkEnd, request: BlockRef): void {
    const nodeState = this.#node(node);
    const state = this.#state(node, end);
    const key = this.#key(request);
    const { piece, begin } = request;
    const where = (): string => `piece ${piece} at ${begin} on link ${end.link}`;
    const mostBlocks = node.config.swarm.mostWindowBlocks ?? defaultConfig.mostWindowBlocks;
    const isHeld = nodeState.held[key] === 1 && !nodeState.failed.has(piece) && (nodeState.senders.get(key)?.open ?? true);
    check(!isHeld, node, () => `requests a block that it holds: ${where()}`);
    check(state.peerHas[piece] === 1, node, () => `requests a piece that the peer lacks: ${where()}`);
    check(!state.choked || state.allowedFast.has(piece), node, () => `requests while choked: ${where()}`);
    check(!state.requested.has(key), node, () => `requests twice on one link: ${where()}`);
    check(state.requested.size < mostBlocks, node, () => `has ${state.requested.size} requests in flight on link ${end.link}`);
    const requestCount = nodeState.requestCounts[key] ?? 0;
    if (requestCount > 0) {
      const untouched = this.#firstUntouched(nodeState, state);
      check(
        untouched === -1,
        node,
        () => `requests from two peers outside the end game: ${where()}, while nothing of piece ${untouched} was requested`,
      );
    }
    state.requested.add(key);
    nodeState.requestCounts[key] = requestCount + 1;
  }

  /** A piece of the peer of which no block is held or requested, or −1. Such a piece comes before any second request for a block. */
  #firstUntouched({ held, requestCounts }: NodeState, { peerHas, rejected }: LinkState): number {
    for (let piece = 0; piece < this.#pieceCount; piece++) {
      if (peerHas[piece] === 0 || rejected.has(piece)) continue;
      const first = piece * this.#blocksPerPiece;
      let block = first;
      while (block < first + this.#blocksPerPiece && held[block] === 0 && requestCounts[block] === 0) block++;
      if (block === first + this.#blocksPerPiece) return piece;
    }
    return -1;
  }

  #release(node: ObservedNode, state: LinkState, key: number): void {
    const { requestCounts } = this.#node(node);
    if (state.requested.delete(key)) requestCounts[key] = (requestCounts[key] ?? 0) - 1;
  }

  #releaseAll(node: ObservedNode, end: LinkEnd): void {
    const state = this.#state(node, end);
    for (const key of state.requested) this.#release(node, state, key);
  }

  #fill(nodeState: NodeState, piece: number, value: 0 | 1): void {
    nodeState.held.fill(value, piece * this.#blocksPerPiece, (piece + 1) * this.#blocksPerPiece);
  }

  #key({ piece, begin }: Pick<BlockRef, 'piece' | 'begin'>): number {
    return piece * this.#blocksPerPiece + Math.floor(begin / blockBytes);
  }

  #node(node: ObservedNode): NodeState {
    return kept(this.#nodes, node);
  }

  #state(node: ObservedNode, end: LinkEnd): LinkState {
    return kept(this.#node(node).links, end);
  }
}

/** False where no cancelled request waits for its answer. */
function takeCancelled({ cancelled }: LinkState, key: number): boolean {
  const count = cancelled.get(key) ?? 0;
  if (count > 0) cancelled.set(key, count - 1);
  return count > 0;
}
