import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type RawData, type Server } from 'ws';
import type { Milliseconds } from '../shared/ids.ts';
import { parseClientMessage } from '../shared/tracker/messages.ts';
import { Addresses, addressKey, addressLimits, type AddressLimits } from './addresses.ts';
import { Heartbeat } from './heartbeat.ts';
import { log } from './log.ts';
import { Outbox } from './outbox.ts';
import { writeDelivery } from './replies.ts';
import type { ConnectionId } from './swarm.ts';
import type { Delivery, Swarms } from './swarms.ts';
import { TokenBucket, type Rate } from './token-bucket.ts';

/**
 * The glue between WebSockets and the store: frames in, deliveries out, and everything that keeps strangers from taking more than their
 * share. Measured choices (`ws` 8, Node 20): no compression and no client tracking, handlers shared by all sockets with the state on the socket,
 * one timer for all pings, writes of one tick held back and sent together.
 */
export interface SocketLimits {
  readonly maxSockets: number;
  readonly messages: Rate;
  /** A reader this far behind is dropped. */
  readonly maxBufferedBytes: number;
  readonly address: AddressLimits;
}

/** 100 messages a second are 100 torrents announcing each second; one socket at its limit costs under 1 % of a core. */
export const socketLimits: SocketLimits = {
  maxSockets: 50_000,
  messages: { burst: 500, perSecond: 100 },
  maxBufferedBytes: 1024 * 1024,
  address: addressLimits,
};

/** Ten offers of 16 KiB would pass this, real ones (2 KB) never do. */
const maxFrameBytes = 64 * 1024;

/** A frame that cannot be used costs as much as ten that can: floods of them end sooner. */
const refusedCost = 9;

/** How long a socket has to answer when somebody else claims its peer id. */
const probeMs: Milliseconds = 2000;

/** Expired peers removed in one second's turn: a million of them go in minutes without a pause anyone notices. */
const expiredPerTurn = 5000;

/** A socket we closed gets this long to say so too; `ws` waits 30 s, in which a flood would go on. */
const closeTimeoutMs: Milliseconds = 2000;

const closeGoingAway = 1001;
const closePolicy = 1008;

/** A WebSocket with what the server knows of it. */
class TrackerSocket extends WebSocket {
  connection: ConnectionId = 0;
  server: SignalServer | null = null;
  stream: Duplex | null = null;
  address = '';
  bucket: TokenBucket | null = null;
  slot = 0;
  missedPings = 0;
  probe: NodeJS.Timeout | null = null;
}

export interface ServerCounts {
  readonly sockets: number;
  readonly swarms: number;
  readonly peers: number;
  readonly messages: number;
  readonly refused: number;
  readonly faults: number;
}

export class SignalServer {
  readonly #swarms: Swarms;
  readonly #now: () => Milliseconds;
  readonly #limits: SocketLimits;
  readonly #sockets = new Map<ConnectionId, TrackerSocket>();
  readonly #heartbeat = new Heartbeat<TrackerSocket>();
  readonly #addresses: Addresses;
  readonly #outbox = new Outbox();
  readonly #wheel: NodeJS.Timeout;
  readonly #webSockets: Server<typeof TrackerSocket>;
  #lastConnection: ConnectionId = 0;
  #messages = 0;
  #refused = 0;
  #faults = 0;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(swarms: Swarms, now: () => Milliseconds, limits: SocketLimits = socketLimits) {
    this.#swarms = swarms;
    this.#now = now;
    this.#limits = limits;
    this.#addresses = new Addresses(limits.address);
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      closeTimeout: closeTimeoutMs,
      WebSocket: TrackerSocket,
    };
    this.#webSockets = new WebSocketServer(options);
    this.#wheel = setInterval(() => this.#turn(), 1000);
  }

  get counts(): ServerCounts {
    const { swarmCount: swarms, peerCount: peers } = this.#swarms;
    return { sockets: this.#sockets.size, swarms, peers, messages: this.#messages, refused: this.#refused, faults: this.#faults };
  }

  /** Handler for the http server's `upgrade` event: every path is the tracker. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const now = this.#now();
    const address = addressKey(request.socket.remoteAddress);
    if (this.#sockets.size >= this.#limits.maxSockets) {
      stream.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 60\r\n\r\n');
    } else if (!this.#addresses.enter(address, now)) {
      stream.end('HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nRetry-After: 60\r\n\r\n');
    } else {
      const leave = (): void => this.#addresses.leave(address);
      stream.once('close', leave);
      this.#webSockets.handleUpgrade(request, stream, head, (socket) => this.#welcome(socket, stream, address, now));
    }
  }

  /** Says good-bye to everyone (1001) and resolves when all are gone; those that do not answer within `graceMs` are cut. */
  async close(graceMs: Milliseconds): Promise<void> {
    clearInterval(this.#wheel);
    const sockets = [...this.#sockets.values()];
    const gone = sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
        }),
    );
    for (const socket of sockets) socket.close(closeGoingAway, 'The tracker is shutting down');
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
    }, graceMs);
    await Promise.all(gone);
    clearTimeout(cut);
    this.#webSockets.close();
  }

  /** One frame of a client. A mistake of ours in handling it costs that client its socket, and nobody else anything. */
  receive(socket: TrackerSocket, frame: Uint8Array): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    try {
      const out: Delivery[] = [];
      this.#handle(socket, frame, out);
      this.#deliver(out);
    } catch (error) {
      log.error('A message could not be handled, its socket is closed.', error);
      socket.terminate();
    }
  }

  /** A sign of life: also the answer to a probe. */
  alive(socket: TrackerSocket): void {
    socket.missedPings = 0;
    if (socket.probe === null) return;
    clearTimeout(socket.probe);
    socket.probe = null;
    const out: Delivery[] = [];
    this.#swarms.answered(socket.connection, out);
    this.#deliver(out);
  }

  /** A broken or oversized frame, or a reset connection: `ws` closes the socket by itself, `close` follows and does the rest. */
  fault(): void {
    this.#faults += 1;
  }

  forget(socket: TrackerSocket): void {
    if (!this.#sockets.delete(socket.connection)) return;
    if (socket.probe !== null) clearTimeout(socket.probe);
    this.#heartbeat.remove(socket, socket.slot);
    const out: Delivery[] = [];
    this.#swarms.leave(this.#now(), socket.connection, out);
    this.#deliver(out);
  }

  #welcome(socket: TrackerSocket, stream: Duplex, address: string, now: Milliseconds): void {
    const connection = ++this.#lastConnection;
    Object.assign(socket, { connection, server: this, stream, address, bucket: new TokenBucket(this.#limits.messages, now) });
    socket.slot = this.#heartbeat.add(socket);
    this.#sockets.set(connection, socket);
    socket.on('message', onMessage);
    socket.on('pong', onPong);
    socket.on('close', onClose);
    socket.on('error', onError);
  }

  #handle(socket: TrackerSocket, frame: Uint8Array, out: Delivery[]): void {
    const now = this.#now();
    const from = socket.connection;
    this.#messages += 1;
    if (!socket.bucket!.take(now, 1) || !this.#addresses.take(socket.address, now)) {
      socket.close(closePolicy, 'Too many messages');
      return;
    }
    const message = parseClientMessage(frame);
    switch (message.kind) {
      case 'announce':
        this.#swarms.announce(now, from, message, out);
        return;
      case 'answer':
        this.#swarms.answer(now, from, message, out);
        return;
      case 'scrape':
        this.#swarms.scrape(from, message, out);
        return;
      case 'refused':
        this.#refused += 1;
        out.push({ kind: 'failure', to: from, action: message.action, infoHash: message.infoHash, reason: message.reason });
        if (!socket.bucket!.take(now, refusedCost)) socket.close(closePolicy, 'Too many messages');
    }
  }

  #deliver(out: readonly Delivery[]): void {
    for (const delivery of out) {
      const socket = this.#sockets.get(delivery.to);
      if (socket === undefined) continue;
      if (delivery.kind === 'probe') this.#probe(socket);
      else this.#send(socket, writeDelivery(delivery));
    }
  }

  #send(socket: TrackerSocket, text: string): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > this.#limits.maxBufferedBytes) {
      socket.terminate();
      return;
    }
    this.#outbox.cork(socket.stream!);
    socket.send(text);
  }

  #probe(socket: TrackerSocket): void {
    if (socket.probe !== null) return;
    socket.probe = setTimeout(() => {
      socket.terminate();
      this.forget(socket);
    }, probeMs);
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }

  #turn(): void {
    const now = this.#now();
    const out: Delivery[] = [];
    this.#heartbeat.turn();
    this.#addresses.sweep(now);
    this.#swarms.expire(now, expiredPerTurn, out);
    this.#deliver(out);
  }
}

function onMessage(this: WebSocket, frame: RawData): void {
  // `ws` gives a Buffer unless told otherwise (binaryType "nodebuffer"), for text frames too.
  (this as TrackerSocket).server!.receive(this as TrackerSocket, frame as Buffer);
}

function onPong(this: WebSocket): void {
  (this as TrackerSocket).server!.alive(this as TrackerSocket);
}

function onClose(this: WebSocket): void {
  (this as TrackerSocket).server!.forget(this as TrackerSocket);
}

function onError(this: WebSocket): void {
  (this as TrackerSocket).server!.fault();
}
