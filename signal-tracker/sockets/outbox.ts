import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { FrameWriter, sizeBound, type Message } from '../codec/frame-writer.ts';
import { log } from '../log.ts';
import type { TrackerSocket } from './tracker-socket.ts';

/** Below this length writing a string is quicker than creating a view of bytes. */
const shortBytes = 1024;

/**
 * Collects the messages of one turn of the event loop and writes those of one socket together: the offers of a thousand announces to one peer are one
 * system call. Frames are written here and not by `ws`, which needs three objects and two writes for each.
 */
export class Outbox {
  readonly #maxBufferedBytes: number;
  readonly #maxHeldBytes: number;
  /** Sockets that still had unsent bytes when they were last written to. */
  readonly #behind = new Set<TrackerSocket>();
  readonly #writer = new FrameWriter();
  #waiting: TrackerSocket[] = [];
  #scheduled = false;

  /** A reader that is `maxBufferedBytes` behind is dropped. All slow readers together may leave `maxHeldBytes` unread. */
  constructor(maxBufferedBytes: number, maxHeldBytes: number) {
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** To be called once a second. Where slow readers hold too much, those furthest behind are dropped. */
  dropSlowest(): void {
    let heldBytes = 0;
    for (const socket of this.#behind) {
      if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount === 0) this.#behind.delete(socket);
      else heldBytes += socket.bufferedAmount;
    }
    if (heldBytes <= this.#maxHeldBytes) return;
    for (const socket of [...this.#behind].toSorted((a, b) => b.bufferedAmount - a.bufferedAmount)) {
      if (heldBytes <= this.#maxHeldBytes) return;
      heldBytes -= socket.bufferedAmount;
      socket.terminate();
    }
  }

  /** Queues a message. {@link settle} sends it, at the latest at the end of this turn. */
  push(socket: TrackerSocket, message: Message): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.unsent === null) {
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
   * To be called after every piece of work, with the socket whose frame caused it, if any. If nobody else is concerned the reply goes out now, while
   * the socket is in the processor's cache: with 5,000 sockets that saves a quarter of an announce.
   */
  settle(socket: TrackerSocket | null): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    if (this.#waiting.length === 1 && this.#waiting[0] === socket) {
      this.#waiting.pop();
      this.flush(socket);
      return;
    }
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  /** To be called before a close frame, after which nothing may be sent. */
  flush(socket: TrackerSocket): void {
    const { unsent } = socket;
    if (unsent === null) return;
    socket.unsent = null;
    if (socket.readyState !== WebSocket.OPEN) return;
    try {
      this.#writeAll(socket, unsent);
    } catch (error) {
      // Our bug, and this socket's loss alone: outside of a frame's own turn nobody else would catch it, and the process would end.
      log.error('Messages could not be written; their socket is closed.', error);
      this.#writer.take();
      socket.terminate();
    }
  }

  #writeAll(socket: TrackerSocket, messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.#writer.write(message)) continue;
      this.#write(socket);
      this.#writer.write(message);
    }
    this.#write(socket);
  }

  #write(socket: TrackerSocket): void {
    const { stream } = socket.begun;
    this.#writeTo(stream);
    if (stream.writableLength > 0) this.#behind.add(socket);
  }

  #writeTo(stream: Duplex): void {
    if (this.#writer.length < shortBytes && stream.writableLength === 0) {
      stream.write(this.#writer.takeText(), 'latin1');
      return;
    }
    const bytes = this.#writer.take();
    // A stream that is behind keeps what it is given, so it gets a copy and not the room of 128 KB. One that falls behind only now keeps the room.
    if (stream.writableLength > 0) {
      stream.write(Buffer.from(bytes));
    } else {
      stream.write(bytes);
      if (stream.writableLength > 0) this.#writer.handOver();
    }
  }

  #flush(): void {
    this.#scheduled = false;
    const sockets = this.#waiting;
    this.#waiting = [];
    for (const socket of sockets) this.flush(socket);
  }
}
