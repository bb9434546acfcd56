import { fromHex } from '../../bytes.ts';
import { readReceipt } from '../../wire/extensions/receipt.ts';
import { type Context, type Peer, send } from './peer.ts';

/**
 * Who has put what they downloaded in a place of their own, and said so (receipt.ts). Their word alone: it is shown to people and decides
 * nothing.
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

  /** It is saved here: everybody hears so, once. */
  tellAll(receipt: string): void {
    this.#receipt = fromHex(receipt);
    for (const peer of this.#context.peers.values()) this.tellPeer(peer);
  }

  /** As soon as the peer has named the extension. */
  tellPeer(peer: Peer): void {
    const id = peer.extensions.saved;
    if (this.#receipt === null || id === 0 || this.#told.has(peer)) return;
    this.#told.add(peer);
    send(this.#context, peer, { type: 'extended', id, payload: this.#receipt });
  }

  /** Only a link's first receipt counts. @throws PeerFault `badLength` */
  onReceipt(peer: Peer, payload: Uint8Array): void {
    const receipt = readReceipt(payload);
    if (this.#by.has(peer)) return;
    this.#by.add(peer);
    this.#context.out.push({ kind: 'receipt', receipt });
  }
}
