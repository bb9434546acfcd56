import { WebSocket } from 'ws';
import type { TrackerSocket } from './tracker-socket.ts';

/**
 * Holds the messages of one turn of the event loop back and writes those of one socket together: what a thousand announces bring to one peer
 * is one system call. Frames are made here and not by `ws`, which makes three objects of each and two writes; they go out as one string, a
 * unit a byte, which Node copies straight into the kernel.
 */
export class Outbox {
  readonly #maxBufferedBytes: number;
  #waiting: TrackerSocket[] = [];

  /** A reader this far behind is dropped. */
  constructor(maxBufferedBytes: number) {
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  /** Sends a text, given as UTF-8 with each byte a unit, at the end of this turn. */
  push(socket: TrackerSocket, text: string): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.unsent === '') {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push(socket);
    }
    socket.unsent += frameHeader(text.length) + text;
    if (socket.bufferedAmount + socket.unsent.length <= this.#maxBufferedBytes) return;
    socket.unsent = '';
    socket.terminate();
  }

  /** To be called before a close frame, behind which nothing may follow. */
  flush(socket: TrackerSocket): void {
    const { unsent } = socket;
    if (unsent === '' || socket.readyState !== WebSocket.OPEN) return;
    socket.unsent = '';
    const { stream } = socket.state!;
    // What cannot be written at once waits: as bytes, because a string put together of parts keeps alive the frames the parts were cut from.
    if (stream.writableLength > 0) stream.write(Buffer.from(unsent, 'latin1'));
    else stream.write(unsent, 'latin1');
  }

  #flush(): void {
    const sockets = this.#waiting;
    this.#waiting = [];
    for (const socket of sockets) this.flush(socket);
  }
}

/** RFC 6455, section 5.2: a whole, unmasked text message in one frame. */
function frameHeader(bytes: number): string {
  if (bytes < 126) return String.fromCharCode(0x81, bytes);
  if (bytes < 65_536) return String.fromCharCode(0x81, 126, bytes >> 8, bytes & 255);
  return String.fromCharCode(0x81, 127, 0, 0, 0, 0, bytes >>> 24, (bytes >> 16) & 255, (bytes >> 8) & 255, bytes & 255);
}
