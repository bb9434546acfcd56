import type { ConnectionId } from './delivery.ts';

/** One address may hold this part of what is free: with n that hold all they may, 1 / (1 + n / 50) of everything stays free. */
const shareOfFree = 0.02;

/**
 * How many peers each address has in the store. The fuller the store is, the fewer one address may have (a dynamic threshold, Choudhury and Hahne,
 * 1998): a few addresses cannot fill it, and nobody who is in has to go. `''` is loopback, where a proxy may stand for everyone: it is exempt.
 */
export class AddressShares {
  readonly #addressOf = new Map<ConnectionId, string>();
  readonly #peers = new Map<string, number>();

  /** The peers of this connection count for this address. To be called before it announces. */
  enter(connection: ConnectionId, address: string): void {
    if (address !== '') this.#addressOf.set(connection, address);
  }

  /** To be called when its peers are gone. */
  leave(connection: ConnectionId): void {
    this.#addressOf.delete(connection);
  }

  /** Whether the connection may have one more of what only so much is free of. */
  admits(connection: ConnectionId, free: number): boolean {
    const address = this.#addressOf.get(connection);
    return address === undefined || (this.#peers.get(address) ?? 0) < shareOfFree * free;
  }

  /** The connection got a peer (1) or lost one (-1). */
  count(connection: ConnectionId, change: 1 | -1): void {
    const address = this.#addressOf.get(connection);
    if (address === undefined) return;
    const peers = (this.#peers.get(address) ?? 0) + change;
    if (peers === 0) this.#peers.delete(address);
    else this.#peers.set(address, peers);
  }
}
