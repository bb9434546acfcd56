import { assert } from '../../assert.ts';
import { blockBytes } from '../../limits.ts';
import { defaultConfig } from '../../swarm/config.ts';
import type { BlockRef, WireMessage } from '../../wire/messages.ts';
import { check } from './check-failure.ts';
import type { End } from '../network/link.ts';
import type { Node } from '../network/node.ts';
import type { Observer } from './observer.ts';

/** What one side of a link was told and has asked, as the wire shows it. */
interface Talk {
  readonly peerHas: Uint8Array;
  /** Pieces of which the peer rejected a block: nobody need ask it again. */
  readonly refused: Set<number>;
  readonly allowedFast: Set<number>;
  readonly asked: Set<number>;
  choked: boolean;
}

/** Every block of a node is in exactly one of: free, asked (of one link or more), here. */
interface Ledger {
  readonly talks: Map<End, Talk>;
  /** Of how many links each block is asked. */
  readonly askedOf: Uint8Array;
  readonly here: Uint8Array;
  /** Who gave what is here: what came over a link that was closed since may be distrusted and asked again. */
  readonly givers: Map<number, End>;
}

/**
 * Requests, seen from the wire: never for a piece that is here or that the peer lacks, never while choked (allowed-fast apart), never more
 * than the window, never twice on a link; of two peers only in the end game, when no missing piece of the second
 * is wholly unasked.
 */
export class RequestChecker implements Observer {
  readonly #ledgers = new Map<Node, Ledger>();
  readonly #pieceCount: number;
  readonly #blocksPerPiece: number;

  constructor(pieceCount: number, pieceBytes: number) {
    this.#pieceCount = pieceCount;
    this.#blocksPerPiece = Math.ceil(pieceBytes / blockBytes);
  }

  joined(node: Node): void {
    const blocks = this.#pieceCount * this.#blocksPerPiece;
    const ledger: Ledger = { talks: new Map(), askedOf: new Uint8Array(blocks), here: new Uint8Array(blocks), givers: new Map() };
    for (let piece = 0; piece < this.#pieceCount; piece++) if (node.disk.has(piece)) this.#fill(ledger, piece, 1);
    this.#ledgers.set(node, ledger);
  }

  opened(node: Node, end: End): void {
    const talk: Talk = {
      peerHas: new Uint8Array(this.#pieceCount),
      refused: new Set(),
      allowedFast: new Set(),
      asked: new Set(),
      choked: true,
    };
    this.#ledger(node).talks.set(end, talk);
  }

  closed(node: Node, end: End): void {
    this.#takeBackAll(node, end);
    this.#ledger(node).talks.delete(end);
  }

  delivered(node: Node, end: End, message: WireMessage): void {
    const talk = this.#talk(node, end);
    switch (message.type) {
      case 'have':
        talk.peerHas[message.piece] = 1;
        return;
      case 'haveAll':
        talk.peerHas.fill(1);
        return;
      case 'bitfield':
        for (let piece = 0; piece < this.#pieceCount; piece++)
          if (message.bits[piece >> 3]! & (0x80 >> (piece & 7))) talk.peerHas[piece] = 1;
        return;
      case 'allowedFast':
        talk.allowedFast.add(message.piece);
        return;
      case 'unchoke':
        talk.choked = false;
        return;
      // Everyone here speaks BEP 6: what was asked is answered by a block or a reject still.
      case 'choke':
        talk.choked = true;
        return;
      case 'reject':
        talk.refused.add(message.piece);
        return this.#takeBack(node, talk, this.#key(message));
      case 'piece':
        return this.#takeBack(node, talk, this.#key(message));
      default:
        return;
    }
  }

  sent(node: Node, end: End, message: WireMessage): void {
    if (message.type === 'request') this.#asked(node, end, message);
    if (message.type === 'cancel') this.#takeBack(node, this.#talk(node, end), this.#key(message));
  }

  written(node: Node, end: End | undefined, piece: number, begin: number): void {
    const { here, givers } = this.#ledger(node);
    const key = this.#key({ piece, begin });
    here[key] = 1;
    if (end === undefined) givers.delete(key);
    else givers.set(key, end);
  }

  verified(node: Node, piece: number, ok: boolean): void {
    if (!ok) this.#fill(this.#ledger(node), piece, 0);
  }

  /** As good as here: no peer may be asked for it meanwhile. */
  fetching(node: Node, piece: number): void {
    this.#fill(this.#ledger(node), piece, 1);
  }

  discarded(node: Node, piece: number): void {
    this.#fill(this.#ledger(node), piece, 0);
  }

  #asked(node: Node, end: End, request: BlockRef): void {
    const ledger = this.#ledger(node);
    const talk = this.#talk(node, end);
    const key = this.#key(request);
    const { piece, begin } = request;
    const where = (): string => `piece ${piece} at ${begin} on link ${end.link}`;
    const mostBlocks = node.config.swarm.mostWindowBlocks ?? defaultConfig.mostWindowBlocks;
    const isHere = ledger.here[key] === 1 && (ledger.givers.get(key)?.open ?? true);
    check(!isHere, node, () => `asks for a block that is here: ${where()}`);
    check(talk.peerHas[piece] === 1, node, () => `asks for a piece that the peer lacks: ${where()}`);
    check(!talk.choked || talk.allowedFast.has(piece), node, () => `asks while choked: ${where()}`);
    check(!talk.asked.has(key), node, () => `asks twice on one link: ${where()}`);
    check(talk.asked.size < mostBlocks, node, () => `has ${talk.asked.size} requests in flight on link ${end.link}`);
    if (ledger.askedOf[key]! > 0) {
      const untouched = this.#firstUntouched(ledger, talk);
      check(untouched === -1, node, () => `asks two peers outside the end game: ${where()}, while nobody was asked for piece ${untouched}`);
    }
    talk.asked.add(key);
    ledger.askedOf[key]!++;
  }

  /** A piece of the peer of which no block is here or asked, or −1: such a piece is due before any block is asked twice. */
  #firstUntouched({ here, askedOf }: Ledger, { peerHas, refused }: Talk): number {
    for (let piece = 0; piece < this.#pieceCount; piece++) {
      if (peerHas[piece] === 0 || refused.has(piece)) continue;
      const first = piece * this.#blocksPerPiece;
      let block = first;
      while (block < first + this.#blocksPerPiece && here[block] === 0 && askedOf[block] === 0) block++;
      if (block === first + this.#blocksPerPiece) return piece;
    }
    return -1;
  }

  #takeBack(node: Node, talk: Talk, key: number): void {
    if (talk.asked.delete(key)) this.#ledger(node).askedOf[key]!--;
  }

  #takeBackAll(node: Node, end: End): void {
    const talk = this.#talk(node, end);
    for (const key of talk.asked) this.#takeBack(node, talk, key);
  }

  #fill(ledger: Ledger, piece: number, value: 0 | 1): void {
    ledger.here.fill(value, piece * this.#blocksPerPiece, (piece + 1) * this.#blocksPerPiece);
  }

  #key({ piece, begin }: Pick<BlockRef, 'piece' | 'begin'>): number {
    return piece * this.#blocksPerPiece + Math.floor(begin / blockBytes);
  }

  #ledger(node: Node): Ledger {
    const ledger = this.#ledgers.get(node);
    assert(ledger !== undefined, 'a node joins before it speaks');
    return ledger;
  }

  #talk(node: Node, end: End): Talk {
    const talk = this.#ledger(node).talks.get(end);
    assert(talk !== undefined, 'a link opens before it carries');
    return talk;
  }
}
