import { fromHex } from '../../bytes.ts';
import { readReceipt } from '../../wire/extensions/receipt.ts';
import { type Context, type Peer, send } from './peer.ts';

/**
 * Which peers say that they saved their download to a place of their own (receipt.ts). Nobody can check it: it is shown and decides nothing.
 */
export class Saved {
  readonly #context: Context;
  readonly #by = new WeakSet<Peer>();
  readonly #told = new WeakSet<Peer>();
  /** Ours; `null` while it is not saved here. */
  #receipt: Uint8Array | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  has(peer: Peer): boolean {
    return this.#by.has(peer);
  }

  /** We saved it: tells every peer once. */
  tellAll(receipt: string): void {
    this.#receipt = fromHex(receipt);
    for (const peer of this.#context.peers.values()) this.tellPeer(peer);
  }

  /** Tells the peer, once it has named the extension. */
  tellPeer(peer: Peer): void {
    const id = peer.extensions.saved;
    if (this.#receipt === null || id === 0 || this.#told.has(peer)) return;
    this.#told.add(peer);
    send(this.#context, peer, { type: 'extended', id, payload: this.#receipt });
  }

  /** Counts only the first receipt of a link. @throws PeerFault `badLength` */
  onReceipt(peer: Peer, payload: Uint8Array): void {
    const receipt = readReceipt(payload);
    if (this.#by.has(peer)) return;
    this.#by.add(peer);
    this.#context.out.push({ kind: 'receipt', receipt });
  }
}
