import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How many connect at once: more than a listening socket's queue (511) takes would only look connected. */
const connectTogether = 200;

/** Sockets that mean no good. */
export class Strangers {
  readonly #sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets;
  }

  /** All are connected and have sent `greeting` when this resolves. Those that do not read learn of their end only by a write that fails. */
  static async come(port: number, count: number, greeting: string, reads: boolean): Promise<Strangers> {
    const sockets: Socket[] = [];
    while (sockets.length < count) {
      const some = Array.from({ length: Math.min(connectTogether, count - sockets.length) }, () => stranger(port, greeting, reads));
      await Promise.all(some.map((socket) => once(socket, 'connect')));
      sockets.push(...some);
    }
    return new Strangers(sockets);
  }

  /** Those that can still be written to. */
  get open(): number {
    return this.#sockets.filter(({ writable }) => writable).length;
  }

  /** The first `asking` of them send the frame 50 times a second, for so many seconds. Resolves with how often it was sent. */
  async ask(frame: Buffer, asking: number, seconds: number): Promise<number> {
    const many = Buffer.concat(Array.from({ length: framesTogether }, () => frame));
    let sent = 0;
    for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
      for (const socket of this.#sockets.slice(0, asking)) {
        if (!socket.writable || socket.writableLength > 0) continue;
        socket.write(many);
        sent += framesTogether;
      }
      await sleep(askEveryMs);
    }
    return sent;
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** 50 a second: half of what one socket may send in the long run without being put out. */
const framesTogether = 5;
const askEveryMs = 100;

function stranger(port: number, greeting: string, reads: boolean): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  if (reads) socket.resume();
  socket.once('connect', () => socket.write(greeting));
  return socket;
}
