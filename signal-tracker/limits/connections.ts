import type { Socket } from 'node:net';
import { addressKey } from './addresses.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/**
 * Limits the TCP connections of one address, whatever they carry: a refused upgrade or a request nobody reads holds a descriptor too. Loopback and
 * trusted proxies are exempt, since they stand for many.
 */
export class Connections {
  readonly #proxies: TrustedProxies;
  readonly #maxPerAddress: number;
  readonly #open = new Map<string, number>();

  constructor(proxies: TrustedProxies, maxPerAddress: number) {
    this.#proxies = proxies;
    this.#maxPerAddress = maxPerAddress;
  }

  /** To be called with each new connection. One too many is destroyed. */
  accept(socket: Socket): void {
    const { remoteAddress } = socket;
    const key = addressKey(remoteAddress);
    if (remoteAddress === undefined || key === '' || this.#proxies.trusts(remoteAddress)) return;
    const open = this.#open.get(key) ?? 0;
    if (open >= this.#maxPerAddress) {
      socket.destroy();
      return;
    }
    this.#open.set(key, open + 1);
    socket.once('close', () => this.#closed(key));
  }

  #closed(key: string): void {
    const open = (this.#open.get(key) ?? 1) - 1;
    if (open > 0) this.#open.set(key, open);
    else this.#open.delete(key);
  }
}
