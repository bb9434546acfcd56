import { itemAt } from '../../shared/assert.ts';

/** What the heartbeat needs of a socket. */
export interface Pingable {
  /** Pings sent since the last sign of life. */
  missedPings: number;
  ping(): void;
  terminate(): void;
}

/** One slot a second, so every socket is pinged every 28 s: proxies and routers forget quiet connections after 30 to 60 s. */
export const wheelSlots = 28;

/** After two unanswered pings a socket is closed; a single one may be a train in a tunnel. */
const allowedMisses = 2;

/** One timer for the pings of all sockets. */
export class Heartbeat<Socket extends Pingable> {
  readonly #slots = Array.from({ length: wheelSlots }, () => new Set<Socket>());
  #turn = 0;
  #next = 0;

  /** Puts a socket on the wheel and returns the number of its slot. */
  add(socket: Socket): number {
    const slot = this.#next;
    this.#next = (slot + 1) % wheelSlots;
    itemAt(this.#slots, slot).add(socket);
    return slot;
  }

  remove(socket: Socket, slot: number): void {
    this.#slots[slot]?.delete(socket);
  }

  /** To be called once a second. */
  turn(): void {
    const slot = itemAt(this.#slots, this.#turn);
    this.#turn = (this.#turn + 1) % wheelSlots;
    for (const socket of slot) {
      if (socket.missedPings >= allowedMisses) {
        socket.terminate();
        continue;
      }
      socket.missedPings += 1;
      socket.ping();
    }
  }
}
