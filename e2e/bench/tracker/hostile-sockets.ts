import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Connections at the same time: more than a listening socket's queue (511) would only look connected. */
const connectTogether = 200;

/** Many sockets of a hostile client. */
export class HostileSockets {
  readonly #sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets;
  }

  /** Resolves when all are connected and have sent `greeting`. A socket that does not read notices its end only when a write fails. */
  static async start(port: number, count: number, greeting: string, reads: boolean): Promise<HostileSockets> {
    const sockets: Socket[] = [];
    while (sockets.length < count) {
      const some = Array.from({ length: Math.min(connectTogether, count - sockets.length) }, () => openSocket(port, greeting, reads));
      await Promise.all(some.map((socket) => once(socket, 'connect')));
      sockets.push(...some);
    }
    return new HostileSockets(sockets);
  }

  /** How many can still be written to. */
  get open(): number {
    return this.#sockets.filter(({ writable }) => writable).length;
  }

  /** The first `asking` sockets send the frame 50 times a second for `seconds`. Resolves with the number of frames sent. */
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

/** 50 a second: half of what one socket may send in the long run without being disconnected. */
const framesTogether = 5;
const askEveryMs = 100;

function openSocket(port: number, greeting: string, reads: boolean): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  if (reads) socket.resume();
  socket.once('connect', () => socket.write(greeting));
  return socket;
}
