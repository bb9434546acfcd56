import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type Server } from 'ws';
import type { Milliseconds } from '../../shared/ids.ts';
import { Addresses, addressKey, addressLimits, type AddressLimits } from '../limits/addresses.ts';
import { readClientFrame } from '../codec/client-frame.ts';
import type { StoreTotals } from '../swarms/totals.ts';
import { Heartbeat } from './heartbeat.ts';
import { log } from '../log.ts';
import { AllowedOrigins } from '../limits/allowed-origins.ts';
import { Outbox } from './outbox.ts';
import { TrustedProxies } from '../limits/trusted-proxies.ts';
import type { ConnectionId } from '../swarms/swarm.ts';
import type { Delivery } from '../swarms/memory-store.ts';
import type { Store } from '../swarms/store.ts';
import { TokenBucket, type Rate } from '../limits/token-bucket.ts';
import { TrackerSocket, type SocketOwner, type SocketState } from './tracker-socket.ts';

/**
 * The glue between WebSockets and the store: frames in, deliveries out, and everything that keeps remotePeers from taking more than their
 * share. Measured choices (`ws` 8, Node 20): no compression and no client tracking, handlers shared by all sockets with the state on the socket,
 * one timer for all pings, writes of one tick held back and sent together.
 */
export interface SocketLimits {
  readonly maxSockets: number;
  /** Sockets, and with them all requests and handshakes under way: each holds a file and some kilobytes, finished or not. */
  readonly maxConnections: number;
  readonly messages: Rate;
  /** A reader this far behind is dropped. */
  readonly maxBufferedBytes: number;
  /** So much may wait for slow readers together; those furthest behind are dropped above it. */
  readonly maxHeldBytes: number;
  readonly address: AddressLimits;
}

/** 100 messages a second are 100 torrents announcing each second; one socket at its limit costs under 1 % of a core. */
export const socketLimits: SocketLimits = {
  maxSockets: 50_000,
  maxConnections: 60_000,
  messages: { burst: 500, perSecond: 100 },
  maxBufferedBytes: 1024 * 1024,
  maxHeldBytes: 256 * 1024 * 1024,
  address: addressLimits,
};

/** Ten offers of 16 KiB would pass this, real ones (2 KB) never do. */
const maxFrameBytes = 64 * 1024;

/** A frame that cannot be used costs as much as 25 that can: a flood of them ends after 20. */
const refusedCost = 24;

/** How long a socket has to answer when somebody else claims its peer id. */
const probeMs: Milliseconds = 2000;

/** Expired peers removed in one second's turn: a million of them go in minutes without a pause anyone notices. */
const expiredPerTurn = 5000;

/** A socket we closed gets this long to say so too; `ws` waits 30 s, in which a flood would go on. */
const closeTimeoutMs: Milliseconds = 1500;

const closeGoingAway = 1001;
const closePolicy = 1008;

/** Who is let in, and under which address. */
export interface Admission {
  readonly proxies: TrustedProxies;
  readonly origins: AllowedOrigins;
}

const openAdmission: Admission = { proxies: new TrustedProxies([]), origins: new AllowedOrigins([]) };

export interface ServerCounts extends StoreTotals {
  readonly sockets: number;
  readonly messages: number;
  readonly announces: number;
  /** Offers and answers relayed. */
  readonly offers: number;
  readonly answers: number;
  readonly refused: number;
  readonly faults: number;
}

export class TrackerServer implements SocketOwner {
  readonly #swarms: Store;
  readonly #now: () => Milliseconds;
  readonly #limits: SocketLimits;
  readonly #admission: Admission;
  readonly #sockets = new Map<ConnectionId, TrackerSocket>();
  readonly #heartbeat = new Heartbeat<TrackerSocket>();
  readonly #addresses: Addresses;
  readonly #outbox: Outbox;
  readonly #wheel: NodeJS.Timeout;
  readonly #webSockets: Server<typeof TrackerSocket>;
  #lastConnection: ConnectionId = 0;
  #closing = false;
  #messages = 0;
  #announces = 0;
  readonly #relayed = { offer: 0, answer: 0 };
  #refused = 0;
  #faults = 0;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(swarms: Store, now: () => Milliseconds, limits: SocketLimits = socketLimits, admission: Admission = openAdmission) {
    this.#swarms = swarms;
    this.#now = now;
    this.#limits = limits;
    this.#admission = admission;
    this.#addresses = new Addresses(limits.address);
    this.#outbox = new Outbox(limits.maxBufferedBytes, limits.maxHeldBytes);
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
    return {
      sockets: this.#sockets.size,
      ...this.#swarms.totals,
      messages: this.#messages,
      announces: this.#announces,
      offers: this.#relayed.offer,
      answers: this.#relayed.answer,
      refused: this.#refused,
      faults: this.#faults,
    };
  }

  /** Handler for the http server's `upgrade` event: every path is the tracker. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const now = this.#now();
    const { proxies, origins } = this.#admission;
    const address = addressKey(proxies.clientOf(request.socket.remoteAddress, request.headers['x-forwarded-for']?.toString()));
    if (!origins.admits(request.headers.origin, request.headers.host)) {
      refuse(stream, '403 Forbidden');
    } else if (this.#closing || this.#sockets.size >= this.#limits.maxSockets) {
      refuse(stream, '503 Service Unavailable');
    } else if (!this.#addresses.enter(address, now)) {
      refuse(stream, '429 Too Many Requests');
    } else {
      stream.once('close', () => this.#addresses.leave(address));
      this.#webSockets.handleUpgrade(request, stream, head, (socket) => {
        const bucket = new TokenBucket(this.#limits.messages, now);
        this.#welcome(socket, { owner: this, connection: ++this.#lastConnection, stream, address, bucket });
      });
    }
  }

  /** Says good-bye to everyone (1001) and resolves when all are gone; `ws` cuts those that do not answer within {@link closeTimeoutMs}. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#wheel);
    const sockets = [...this.#sockets.values()];
    const gone = sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
        }),
    );
    for (const socket of sockets) {
      this.#outbox.flush(socket);
      socket.close(closeGoingAway, 'The tracker is shutting down');
    }
    await Promise.all(gone);
    this.#webSockets.close();
  }

  receive(socket: TrackerSocket, frame: Buffer, isBinary: boolean): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (!this.perform((out) => this.#handle(socket, frame, isBinary, out), socket)) socket.terminate();
  }

  /** A sign of life: also the answer to a probe. */
  alive(socket: TrackerSocket): void {
    socket.missedPings = 0;
    if (socket.probe === null) return;
    clearTimeout(socket.probe);
    socket.probe = null;
    this.perform((out) => this.#swarms.answered(socket.state!.connection, out));
  }

  fault(): void {
    this.#faults += 1;
  }

  forget(socket: TrackerSocket): void {
    const { connection } = socket.state!;
    if (!this.#sockets.delete(connection)) return;
    if (socket.probe !== null) clearTimeout(socket.probe);
    this.#heartbeat.remove(socket, socket.slot);
    this.perform((out) => this.#swarms.leave(this.#now(), connection, out));
  }

  #welcome(socket: TrackerSocket, state: SocketState): void {
    socket.begin(state);
    socket.slot = this.#heartbeat.add(socket);
    this.#sockets.set(state.connection, socket);
  }

  /**
   * Runs one piece of work, caused by a frame of the socket `from` or by nobody, and delivers what comes of it. A mistake of ours in it is
   * logged and harms nobody else: false then.
   */
  perform(work: (out: Delivery[]) => void, from: TrackerSocket | null = null): boolean {
    try {
      const out: Delivery[] = [];
      work(out);
      this.#deliver(out);
      return true;
    } catch (error) {
      log.error('The tracker made a mistake; it goes on.', error);
      return false;
    } finally {
      this.#outbox.settle(from);
    }
  }

  #handle(socket: TrackerSocket, frame: Buffer, isBinary: boolean, out: Delivery[]): void {
    const now = this.#now();
    const { connection: from, bucket, address } = socket.state!;
    this.#messages += 1;
    if (!bucket.take(now, 1) || !this.#addresses.take(address, now)) {
      this.#expel(socket);
      return;
    }
    const message = readClientFrame(frame, isBinary);
    switch (message.kind) {
      case 'announce':
        this.#announces += 1;
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
        if (!bucket.take(now, refusedCost)) this.#expel(socket);
    }
  }

  #deliver(out: readonly Delivery[]): void {
    for (const delivery of out) {
      const socket = this.#sockets.get(delivery.to);
      if (socket === undefined) continue;
      if (delivery.kind === 'offer' || delivery.kind === 'answer') this.#relayed[delivery.kind] += 1;
      if (delivery.kind === 'probe') this.#probe(socket);
      else this.#outbox.push(socket, delivery);
    }
  }

  /** Nothing is read from it any more: a flood would otherwise be parsed until the other side closes too. `ws` cuts it after {@link closeTimeoutMs}. */
  #expel(socket: TrackerSocket): void {
    this.#outbox.flush(socket);
    socket.close(closePolicy, 'Too many messages');
    socket.pause();
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
    this.#heartbeat.turn();
    this.#addresses.sweep(now);
    this.#outbox.relieve();
    this.perform((out) => this.#swarms.expire(now, expiredPerTurn, out));
  }
}

/** Until `ws` takes a stream over nobody listens to its errors, and an error that nobody listens to ends the process. */
function refuse(stream: Duplex, status: string): void {
  stream.once('error', () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n`);
}
