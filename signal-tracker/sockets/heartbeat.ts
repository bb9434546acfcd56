/** What a heartbeat needs of a socket. */
export interface Pingable {
  /** Pings sent since the last sign of life. */
  missedPings: number;
  ping(): void;
  terminate(): void;
}

/** A slot a second: every socket is pinged each 28 s, below the 30–60 s after which proxies and routers forget quiet connections. */
export const wheelSlots = 28;

/** Two silent rounds and the socket is gone; one lost ping may be a train in a tunnel. */
const allowedMisses = 2;

/** One timer for the pings of all sockets. */
export class Heartbeat<Socket extends Pingable> {
  readonly #slots = Array.from({ length: wheelSlots }, () => new Set<Socket>());
  #turn = 0;
  #next = 0;

  /** Puts a socket on the wheel and gives the number of its slot. */
  add(socket: Socket): number {
    const slot = this.#next;
    this.#next = (slot + 1) % wheelSlots;
    this.#slots[slot]!.add(socket);
    return slot;
  }

  remove(socket: Socket, slot: number): void {
    this.#slots[slot]?.delete(socket);
  }

  /** To be called once a second. */
  turn(): void {
    const slot = this.#slots[this.#turn]!;
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
