import type { BlockRef, Milliseconds } from '../../ids.ts';
import { defaultConfig } from '../../swarm/config.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import { localExtensionId } from '../../wire/extensions/extension.ts';
import { readGossip } from '../../wire/extensions/gossip.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { check } from './check-failure.ts';
import { CostChecker } from './cost-checker.ts';
import { kept } from './kept.ts';
import { Fifo } from '../core/fifo.ts';
import type { LinkEnd } from '../network/link.ts';
import type { ObservedNode, Observer } from '../network/observer.ts';
import { RequestChecker } from './request-checker.ts';

/** What must hold after every step of a small run. Judged by what is seen on the wire wherever possible. */
export function allCheckers({ pieceCount, pieceLength }: Geometry, now: () => Milliseconds): Observer[] {
  return [
    new RequestChecker(pieceCount, pieceLength),
    new StorageChecker(),
    new ServingChecker(),
    new SlotChecker(),
    new ConservationChecker(),
    new CostChecker(now),
  ];
}

/** A node announces and counts only pieces that its disk holds, and counts only bytes that arrived. */
class StorageChecker implements Observer {
  sent(node: ObservedNode, _end: LinkEnd, message: WireMessage): void {
    if (message.type === 'have') check(node.disk.has(message.piece), node, () => `announces piece ${message.piece} and does not have it`);
    if (message.type === 'haveAll') check(node.disk.isComplete, node, () => `announces everything and has ${node.disk.storedCount} pieces`);
    if (message.type === 'bitfield')
      for (const piece of piecesOf(message.bits)) check(node.disk.has(piece), node, () => `bitfield shows ${piece}`);
  }

  verified(node: ObservedNode): void {
    const { verifiedBytes, downBytes } = node.torrent.status();
    check(downBytes <= node.downBytes, node, () => `counts ${downBytes} bytes received, ${node.downBytes} arrived`);
    const storedBytes = bytesStored(node);
    // The torrent learns of this piece after us, so it may be one piece behind but never ahead.
    check(verifiedBytes <= storedBytes, node, () => `counts ${verifiedBytes} bytes verified, ${storedBytes} are stored`);
  }
}

function piecesOf(bits: Uint8Array): number[] {
  return Array.from({ length: bits.length * 8 }, (_, piece) => piece).filter(
    (piece) => ((bits[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0,
  );
}

function bytesStored(node: ObservedNode): number {
  let bytes = 0;
  for (let piece = 0; piece < node.geometry.pieceCount; piece++) if (node.disk.has(piece)) bytes += node.geometry.pieceBytes(piece);
  return bytes;
}

/** A node serves only verified pieces, and each block once per request. */
class ServingChecker implements Observer {
  readonly #requests = new WeakMap<LinkEnd, Map<string, number>>();
  /** Gossip: pieces that the peer welcomes, and those that were pushed to it. */
  readonly #pushes = new WeakMap<LinkEnd, { welcome: number; readonly pieces: Set<number> }>();

  opened(_node: ObservedNode, end: LinkEnd): void {
    this.#requests.set(end, new Map());
    this.#pushes.set(end, { welcome: 0, pieces: new Set() });
  }

  delivered(_node: ObservedNode, end: LinkEnd, message: WireMessage): void {
    if (message.type === 'extended' && message.id === localExtensionId.gossip) this.#welcomed(end, message.payload);
    if (message.type !== 'request') return;
    const requests = kept(this.#requests, end);
    requests.set(keyOf(message), (requests.get(keyOf(message)) ?? 0) + 1);
  }

  served(node: ObservedNode, end: LinkEnd, block: BlockRef): void {
    check(node.disk.has(block.piece), node, () => `serves piece ${block.piece}, which is not verified`);
    const requests = kept(this.#requests, end);
    const times = requests.get(keyOf(block)) ?? 0;
    if (times === 0 && this.#isPushed(end, block.piece)) return;
    check(times > 0, node, () => `serves a block that was not requested: piece ${block.piece} at ${block.begin} on link ${end.link}`);
    requests.set(keyOf(block), times - 1);
  }

  #welcomed(end: LinkEnd, payload: Uint8Array): void {
    const message = readGossip(payload);
    if (message?.type === 'welcome') kept(this.#pushes, end).welcome += message.pieces;
  }

  /** Each welcome is for one piece. */
  #isPushed(end: LinkEnd, piece: number): boolean {
    const pushes = kept(this.#pushes, end);
    if (pushes.pieces.has(piece)) return true;
    if (pushes.welcome === 0) return false;
    pushes.welcome--;
    pushes.pieces.add(piece);
    return true;
  }
}

function keyOf({ piece, begin, length }: BlockRef): string {
  return `${piece}.${begin}.${length}`;
}

/** Unchoked and interested links: at most the upload slots, plus one while a slot changes hands. */
class SlotChecker implements Observer {
  readonly #links = new Map<ObservedNode, Map<LinkEnd, { unchoked: boolean; interested: boolean }>>();

  joined(node: ObservedNode): void {
    this.#links.set(node, new Map());
  }

  opened(node: ObservedNode, end: LinkEnd): void {
    kept(this.#links, node).set(end, { unchoked: false, interested: false });
  }

  closed(node: ObservedNode, end: LinkEnd): void {
    kept(this.#links, node).delete(end);
  }

  sent(node: ObservedNode, end: LinkEnd, message: WireMessage): void {
    if (message.type === 'choke' || message.type === 'unchoke') kept(kept(this.#links, node), end).unchoked = message.type === 'unchoke';
  }

  delivered(node: ObservedNode, end: LinkEnd, message: WireMessage): void {
    if (message.type !== 'interested' && message.type !== 'notInterested') return;
    kept(kept(this.#links, node), end).interested = message.type === 'interested';
  }

  settled(node: ObservedNode): void {
    let open = 0;
    for (const { unchoked, interested } of kept(this.#links, node).values()) if (unchoked && interested) open++;
    const { slotPolicy, uploadSlots, mostUploads } = { ...defaultConfig, ...node.config.swarm };
    const slots = slotPolicy === 'turns' ? mostUploads : uploadSlots;
    check(open <= slots + 1, node, () => `has ${open} open slots of ${slots}`);
  }
}

/** Blocks arrive once, whole, and in the order sent. Bytes sent = received + lost + in transit. */
class ConservationChecker implements Observer {
  readonly #sent = new WeakMap<LinkEnd, Fifo<BlockRef>>();

  opened(_node: ObservedNode, end: LinkEnd): void {
    this.#sent.set(end, new Fifo());
  }

  served(_node: ObservedNode, end: LinkEnd, block: BlockRef): void {
    kept(this.#sent, end).push(block);
  }

  delivered(node: ObservedNode, end: LinkEnd, message: WireMessage): void {
    if (message.type !== 'piece') return;
    const { sentBytes, lostBytes, inTransitBytes } = end.other;
    check(sentBytes === end.receivedBytes + lostBytes + inTransitBytes, node, () => `link ${end.link} creates or loses bytes`);
    if (end.other.owner.isHonest) this.#checkOrder(node, end, message);
  }

  #checkOrder(node: ObservedNode, end: LinkEnd, { piece, begin, block }: Extract<WireMessage, { type: 'piece' }>): void {
    const next = kept(this.#sent, end.other).shift();
    const isNext = next !== undefined && next.piece === piece && next.begin === begin && next.length === block.length;
    check(isNext, node, () => `receives piece ${piece} at ${begin} out of order on link ${end.link}`);
  }
}
