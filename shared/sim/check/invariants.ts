import { defaultConfig } from '../../swarm/config.ts';
import type { BlockRef, WireMessage } from '../../wire/messages.ts';
import { check } from './check-failure.ts';
import { Fifo } from '../core/fifo.ts';
import type { End } from '../network/link.ts';
import type { Node } from '../network/node.ts';
import type { Observer } from './observer.ts';
import { RequestChecker } from './request-checker.ts';
import type { World } from '../world.ts';

/** What must hold after every step of a small run, judged by what is seen on the wire wherever that is possible. */
export function allCheckers(world: World): Observer[] {
  const { pieceCount, pieceLength } = world.geometry;
  return [
    new RequestChecker(pieceCount, pieceLength),
    new StorageChecker(),
    new ServingChecker(),
    new SlotChecker(),
    new ConservationChecker(),
  ];
}

/** Nothing is announced or counted that the disk does not hold as honest, and nothing counted as received that did not come. */
class StorageChecker implements Observer {
  sent(node: Node, _end: End, message: WireMessage): void {
    if (message.type === 'have') check(node.disk.has(message.piece), node, () => `announces piece ${message.piece} and does not have it`);
    if (message.type === 'haveAll') check(node.disk.isComplete, node, () => `announces everything and has ${node.disk.storedCount} pieces`);
    if (message.type === 'bitfield')
      for (const piece of piecesOf(message.bits)) check(node.disk.has(piece), node, () => `bitfield shows ${piece}`);
  }

  verified(node: Node): void {
    const { verifiedBytes, downBytes } = node.torrent.status();
    check(downBytes <= node.downBytes, node, () => `counts ${downBytes} bytes received, ${node.downBytes} came`);
    const storedBytes = bytesStored(node);
    // The torrent hears of this piece only after us, so it may be one piece behind and never ahead.
    check(verifiedBytes <= storedBytes, node, () => `counts ${verifiedBytes} bytes verified, ${storedBytes} are stored`);
  }
}

function piecesOf(bits: Uint8Array): number[] {
  return Array.from({ length: bits.length * 8 }, (_, piece) => piece).filter((piece) => (bits[piece >> 3]! & (0x80 >> (piece & 7))) !== 0);
}

function bytesStored(node: Node): number {
  let bytes = 0;
  for (let piece = 0; piece < node.geometry.pieceCount; piece++) if (node.disk.has(piece)) bytes += node.geometry.pieceBytes(piece);
  return bytes;
}

/** Only verified pieces are served, and only to who was unchoked (or allowed) and asked. */
class ServingChecker implements Observer {
  readonly #asked = new WeakMap<End, Map<string, number>>();

  opened(_node: Node, end: End): void {
    this.#asked.set(end, new Map());
  }

  delivered(_node: Node, end: End, message: WireMessage): void {
    if (message.type !== 'request') return;
    const asked = this.#asked.get(end)!;
    asked.set(keyOf(message), (asked.get(keyOf(message)) ?? 0) + 1);
  }

  served(node: Node, end: End, block: BlockRef): void {
    check(node.disk.has(block.piece), node, () => `serves piece ${block.piece}, which is not verified`);
    const asked = this.#asked.get(end)!;
    const times = asked.get(keyOf(block)) ?? 0;
    check(times > 0, node, () => `serves what nobody asked for: piece ${block.piece} at ${block.begin} on link ${end.link}`);
    asked.set(keyOf(block), times - 1);
  }
}

function keyOf({ piece, begin, length }: BlockRef): string {
  return `${piece}.${begin}.${length}`;
}

/** Unchoked and interested links: at most the slots, and one more while a round changes hands. */
class SlotChecker implements Observer {
  readonly #talks = new Map<Node, Map<End, { unchoked: boolean; interested: boolean }>>();

  joined(node: Node): void {
    this.#talks.set(node, new Map());
  }

  opened(node: Node, end: End): void {
    this.#talks.get(node)!.set(end, { unchoked: false, interested: false });
  }

  closed(node: Node, end: End): void {
    this.#talks.get(node)!.delete(end);
  }

  sent(node: Node, end: End, message: WireMessage): void {
    if (message.type === 'choke' || message.type === 'unchoke') this.#talks.get(node)!.get(end)!.unchoked = message.type === 'unchoke';
  }

  delivered(node: Node, end: End, message: WireMessage): void {
    if (message.type !== 'interested' && message.type !== 'notInterested') return;
    this.#talks.get(node)!.get(end)!.interested = message.type === 'interested';
  }

  settled(node: Node): void {
    let open = 0;
    for (const { unchoked, interested } of this.#talks.get(node)!.values()) if (unchoked && interested) open++;
    const slots = node.config.swarm.uploadSlots ?? defaultConfig.uploadSlots;
    check(open <= slots + 1, node, () => `has ${open} open slots of ${slots}`);
  }
}

/** Blocks arrive once, whole, and in the order they were sent; bytes sent = received + lost + on the way. */
class ConservationChecker implements Observer {
  readonly #sent = new WeakMap<End, Fifo<BlockRef>>();

  opened(_node: Node, end: End): void {
    this.#sent.set(end, new Fifo());
  }

  served(_node: Node, end: End, block: BlockRef): void {
    this.#sent.get(end)!.push(block);
  }

  delivered(node: Node, end: End, message: WireMessage): void {
    if (message.type !== 'piece') return;
    const { sentBytes, lostBytes, onWayBytes } = end.other;
    check(sentBytes === end.receivedBytes + lostBytes + onWayBytes, node, () => `link ${end.link} makes or loses bytes`);
    if (end.other.owner.isHonest) this.#checkOrder(node, end, message);
  }

  #checkOrder(node: Node, end: End, { piece, begin, block }: Extract<WireMessage, { type: 'piece' }>): void {
    const next = this.#sent.get(end.other)!.shift();
    const isNext = next !== undefined && next.piece === piece && next.begin === begin && next.length === block.length;
    check(isNext, node, () => `receives piece ${piece} at ${begin} out of order on link ${end.link}`);
  }
}
