import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { FrameWriter, sizeBound, type Message } from './frame-writer.ts';
import type { TrackerSocket } from './tracker-socket.ts';

/**
 * Holds the messages of one turn of the event loop back and writes those of one socket together: what a thousand announces bring to one peer
 * is one system call. Frames are made here and not by `ws`, which makes three objects of each and two writes.
 */
export class Outbox {
  readonly #maxBufferedBytes: number;
  readonly #writer = new FrameWriter();
  #waiting: TrackerSocket[] = [];
  #scheduled = false;

  /** A reader this far behind is dropped. */
  constructor(maxBufferedBytes: number) {
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  /** Sends a message at the end of this turn. */
  push(socket: TrackerSocket, message: Message): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.unsent === null) {
      this.#schedule();
      this.#waiting.push(socket);
      socket.unsent = [];
      socket.unsentBytes = 0;
    }
    socket.unsent.push(message);
    socket.unsentBytes += sizeBound(message);
    if (socket.bufferedAmount + socket.unsentBytes <= this.#maxBufferedBytes) return;
    socket.unsent = null;
    socket.terminate();
  }

  /**
   * To be called when a frame of the socket's own has been dealt with. Where that concerned nobody else the reply goes out now, while all of
   * the socket is in the processor's cache: with 5,000 sockets that saves a quarter of an announce.
   */
  settle(socket: TrackerSocket): void {
    if (this.#waiting.length !== 1 || this.#waiting[0] !== socket) return;
    this.#waiting.pop();
    this.flush(socket);
  }

  /** To be called before a close frame, behind which nothing may follow. */
  flush(socket: TrackerSocket): void {
    const { unsent, state } = socket;
    if (unsent === null) return;
    socket.unsent = null;
    if (socket.readyState !== WebSocket.OPEN) return;
    for (const message of unsent) {
      if (this.#writer.write(message)) continue;
      this.#write(state!.stream);
      this.#writer.write(message);
    }
    this.#write(state!.stream);
  }

  #write(stream: Duplex): void {
    const bytes = this.#writer.take();
    // A stream that is behind holds what it is given: a copy, because the room is 128 KB. One that falls behind only now has the room itself.
    if (stream.writableLength > 0) {
      stream.write(Buffer.from(bytes));
      return;
    }
    stream.write(bytes);
    if (stream.writableLength > 0) this.#writer.handOver();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const sockets = this.#waiting;
    this.#waiting = [];
    for (const socket of sockets) this.flush(socket);
  }
}
