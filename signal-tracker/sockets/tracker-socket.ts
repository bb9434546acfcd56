import type { Duplex } from 'node:stream';
import { present } from '../../shared/assert.ts';
import type { Milliseconds } from '../../shared/ids.ts';
import { WebSocket, type RawData } from 'ws';
import type { Message } from '../codec/frame-writer.ts';
import type { TokenBucket } from '../limits/token-bucket.ts';
import type { ConnectionId } from '../swarms/delivery.ts';

/** Receives the events of a socket. */
export interface SocketOwner {
  /** A whole message came, text (valid UTF-8) or binary. */
  receive(socket: TrackerSocket, frame: Buffer, isBinary: boolean): void;
  /** A ping came, which `ws` answers. */
  pinged(socket: TrackerSocket): void;
  /** A pong came. */
  alive(socket: TrackerSocket): void;
  /** It is closed, for whatever reason. */
  forget(socket: TrackerSocket): void;
  /** A broken or oversized frame, or a reset connection: `ws` closes the socket, and `forget` follows. */
  fault(): void;
}

/** What a socket has once its handshake is done. */
export interface SocketState {
  readonly owner: SocketOwner;
  readonly connection: ConnectionId;
  /** The TCP or TLS stream below. */
  readonly stream: Duplex;
  /** Key of its address, see `addressKey`. */
  readonly address: string;
  readonly bucket: TokenBucket;
}

/** A WebSocket with the server's state on it, so that all sockets share their handlers: closures would cost 1 KB a socket. */
export class TrackerSocket extends WebSocket {
  state: SocketState | null = null;
  /** Its slot on the heartbeat's wheel. */
  slot = 0;
  missedPings = 0;
  probe: NodeJS.Timeout | null = null;
  answeredProbeAt: Milliseconds = Number.NEGATIVE_INFINITY;
  /** What goes out at the end of this turn of the event loop, and the most bytes that it may take. */
  unsent: Message[] | null = null;
  unsentBytes = 0;

  /** Its state, from `begin` on: nothing is heard or sent before. */
  get begun(): SocketState {
    return present(this.state, 'a socket has begun');
  }

  begin(state: SocketState): void {
    this.state = state;
    this.on('message', onMessage);
    this.on('ping', onPing);
    this.on('pong', onPong);
    this.on('close', onClose);
    this.on('error', onError);
  }
}

function onMessage(this: WebSocket, frame: RawData, isBinary: boolean): void {
  // `ws` gives a Buffer unless told otherwise (binaryType "nodebuffer"), for text frames too.
  (this as TrackerSocket).state?.owner.receive(this as TrackerSocket, frame as Buffer, isBinary);
}

function onPing(this: WebSocket): void {
  (this as TrackerSocket).state?.owner.pinged(this as TrackerSocket);
}

function onPong(this: WebSocket): void {
  (this as TrackerSocket).state?.owner.alive(this as TrackerSocket);
}

function onClose(this: WebSocket): void {
  (this as TrackerSocket).state?.owner.forget(this as TrackerSocket);
}

function onError(this: WebSocket): void {
  (this as TrackerSocket).state?.owner.fault();
}
