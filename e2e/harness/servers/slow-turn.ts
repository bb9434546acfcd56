import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** The first two bytes of a STUN message that asks for a relay address (RFC 8656, section 18). */
const allocateRequest = 0x0003;

/** Passes UDP on to a TURN server on loopback, and holds each request for a relay address back: a TURN server far away. */
export class SlowTurn {
  readonly #front: Socket;
  readonly #clients = new Map<number, Socket>();
  #isClosed = false;

  private constructor(front: Socket) {
    this.#front = front;
  }

  static async start(turnPort: number, delayMs: number): Promise<SlowTurn> {
    const front = createSocket('udp4').bind(0, '127.0.0.1');
    await once(front, 'listening');
    const slow = new SlowTurn(front);
    front.on('message', (message, { port }) => {
      const pass = (): void => {
        if (!slow.#isClosed) slow.#clientAt(port).send(message, turnPort, '127.0.0.1');
      };
      if (message.readUInt16BE(0) === allocateRequest) setTimeout(pass, delayMs);
      else pass();
    });
    return slow;
  }

  get url(): string {
    return `turn:127.0.0.1:${this.#front.address().port}`;
  }

  close(): void {
    this.#isClosed = true;
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
    this.#front.close();
  }

  /** The TURN server tells clients apart by their ports. */
  #clientAt(port: number): Socket {
    const known = this.#clients.get(port);
    if (known !== undefined) return known;
    const client = createSocket('udp4').on('message', (message) => this.#front.send(message, port, '127.0.0.1'));
    this.#clients.set(port, client);
    return client;
  }
}
