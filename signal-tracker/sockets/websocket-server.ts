import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type Server } from 'ws';
import type { Milliseconds } from '../../shared/ids.ts';
import { refuseUpgrade } from '../http/refuse-upgrade.ts';
import { Addresses, addressKey, addressLimits, type AddressLimits } from '../limits/addresses.ts';
import { readClientFrame } from '../codec/client-frame.ts';
import type { StoreTotals } from '../swarms/totals.ts';
import { Heartbeat } from './heartbeat.ts';
import { log } from '../log.ts';
import { AllowedOrigins } from '../limits/allowed-origins.ts';
import { Outbox } from './outbox.ts';
import { TrustedProxies } from '../limits/trusted-proxies.ts';
import type { ConnectionId, Delivery } from '../swarms/delivery.ts';
import type { Store } from '../swarms/store.ts';
import { TokenBucket, type Rate } from '../limits/token-bucket.ts';
import { TrackerSocket, type SocketOwner, type SocketState } from './tracker-socket.ts';

const later = 'Retry-After: 60';

export interface SocketLimits {
  readonly maxSockets: number;
  /** Sockets, plus all requests and handshakes under way: each holds a file descriptor and some kilobytes. */
  readonly maxConnections: number;
  readonly messages: Rate;
  /** A reader that is this far behind is dropped. */
  readonly maxBufferedBytes: number;
  /** All slow readers together; above it those furthest behind are dropped. */
  readonly maxHeldBytes: number;
  readonly address: AddressLimits;
  /** Connections of one address, of any kind. */
  readonly maxConnectionsPerAddress: number;
  /** A connection without progress for this long is closed. `ws` lifts it from WebSockets, which have a heartbeat. */
  readonly idleMs: Milliseconds;
}

/** 100 messages a second are 100 torrents that announce every second. One socket at its limit costs less than 1 % of a core. */
export const socketLimits: SocketLimits = {
  maxSockets: 50_000,
  maxConnections: 60_000,
  messages: { burst: 500, perSecond: 100 },
  maxBufferedBytes: 1024 * 1024,
  maxHeldBytes: 256 * 1024 * 1024,
  address: addressLimits,
  maxConnectionsPerAddress: 2 * addressLimits.maxSockets,
  idleMs: 20_000,
};

/** Ten offers of 16 KiB would exceed this; real ones (2 KB each) never do. */
const maxFrameBytes = 64 * 1024;

/**
 * Reading costs by the byte: 64 KiB that nest 30,000 levels deep take 2 ms, as long as 100 announces. An announce with five offers has 10 KB and counts
 * as three and a half messages.
 */
const bytesPerToken = 4096;

/** An unusable frame costs as much as 25 usable ones: a flood of them ends after 20. */
const refusedCost = 24;

/** How long a socket has to answer a probe. */
const probeMs: Milliseconds = 2000;

/** A socket that answered a probe is not pinged again so soon: strangers cause probes, and could flood it with them. */
const probePauseMs: Milliseconds = 10_000;

/** Expired peers removed in one second: a million take minutes, without a noticeable pause. */
const expiredPerTurn = 5000;

/** How long the other side may take to confirm a close. `ws` waits 30 s by default, during which a flood would go on. */
const closeTimeoutMs: Milliseconds = 1500;

const closeGoingAway = 1001;
const closePolicy = 1008;

/** Decides which upgrades are accepted, and under which address. */
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

/**
 * Connects WebSockets with the store: frames in, deliveries out, limits on both. Measured choices (`ws` 8, Node 20): no compression, no client
 * tracking, handlers shared by all sockets with the state on the socket, one timer for all pings, writes of one turn sent together.
 */
export class TrackerServer implements SocketOwner {
  readonly #store: Store;
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
  constructor(store: Store, now: () => Milliseconds, limits: SocketLimits = socketLimits, admission: Admission = openAdmission) {
    this.#store = store;
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
      maxFragments: 32,
      maxBufferedChunks: 512,
      closeTimeout: closeTimeoutMs,
      WebSocket: TrackerSocket,
    };
    this.#webSockets = new WebSocketServer(options);
    this.#wheel = setInterval(() => this.#turn(), 1000);
  }

  get counts(): ServerCounts {
    return {
      sockets: this.#sockets.size,
      ...this.#store.totals,
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
      refuseUpgrade(stream, '403 Forbidden', later);
    } else if (this.#closing || this.#sockets.size >= this.#limits.maxSockets) {
      refuseUpgrade(stream, '503 Service Unavailable', later);
    } else if (!this.#addresses.enter(address, now)) {
      refuseUpgrade(stream, '429 Too Many Requests', later);
    } else {
      stream.once('close', () => this.#addresses.leave(address));
      this.#webSockets.handleUpgrade(request, stream, head, (socket) => {
        const bucket = new TokenBucket(this.#limits.messages, now);
        this.#accept(socket, { owner: this, connection: ++this.#lastConnection, stream, address, bucket });
      });
    }
  }

  /** Closes every socket (1001) and resolves when all are gone; `ws` cuts those that do not answer within {@link closeTimeoutMs}. */
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

  pinged(socket: TrackerSocket): void {
    this.#charge(socket, 1);
  }

  /** A pong: it also answers a probe. */
  alive(socket: TrackerSocket): void {
    // One that answers a probe was asked for, by others: it must not use up what this socket may send.
    if (socket.probe === null && !this.#charge(socket, 1)) return;
    socket.missedPings = 0;
    if (socket.probe === null) return;
    clearTimeout(socket.probe);
    socket.probe = null;
    socket.answeredProbeAt = this.#now();
    this.#answered(socket);
  }

  #answered(socket: TrackerSocket): void {
    this.perform((out) => this.#store.answered(socket.begun.connection, out));
  }

  fault(): void {
    this.#faults += 1;
  }

  forget(socket: TrackerSocket): void {
    const { connection } = socket.begun;
    if (!this.#sockets.delete(connection)) return;
    if (socket.probe !== null) clearTimeout(socket.probe);
    this.#heartbeat.remove(socket, socket.slot);
    this.perform((out) => this.#store.leave(this.#now(), connection, out));
  }

  #accept(socket: TrackerSocket, state: SocketState): void {
    socket.begin(state);
    socket.slot = this.#heartbeat.add(socket);
    this.#sockets.set(state.connection, socket);
    this.#store.enter(state.connection, state.address);
  }

  /**
   * Runs one piece of work, caused by a frame of the socket `from` or by none, and sends its deliveries. If it throws, that is our bug: it is logged,
   * nobody else is harmed, and the result is false.
   */
  perform(work: (out: Delivery[]) => void, from: TrackerSocket | null = null): boolean {
    try {
      const out: Delivery[] = [];
      work(out);
      this.#deliver(out);
      return true;
    } catch (error) {
      log.error('Something went wrong inside the tracker. It keeps running.', error);
      return false;
    } finally {
      this.#outbox.settle(from);
    }
  }

  #handle(socket: TrackerSocket, frame: Buffer, isBinary: boolean, out: Delivery[]): void {
    const now = this.#now();
    const { connection: from, bucket } = socket.begun;
    this.#messages += 1;
    if (!this.#charge(socket, 1 + frame.length / bytesPerToken)) return;
    const message = readClientFrame(frame, isBinary);
    switch (message.kind) {
      case 'announce':
        this.#announces += 1;
        this.#store.announce(now, from, message, out);
        return;
      case 'answer':
        this.#store.answer(now, from, message, out);
        return;
      case 'scrape':
        this.#store.scrape(from, message, out);
        return;
      case 'refused':
        this.#refused += 1;
        out.push({ kind: 'failure', to: from, action: message.action, infoHash: message.infoHash, reason: message.reason });
        if (!bucket.take(now, refusedCost)) this.#closeFlooder(socket);
    }
  }

  /** False, and it is being closed, if it or its address sent too much. Pings and pongs cost as messages do. */
  #charge(socket: TrackerSocket, cost: number): boolean {
    if (socket.readyState !== WebSocket.OPEN) return false;
    const now = this.#now();
    const { bucket, address } = socket.begun;
    if (bucket.take(now, cost) && this.#addresses.take(address, now, cost)) return true;
    this.#closeFlooder(socket);
    return false;
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

  /** It is not read any more, or the flood would be parsed until the other side closes too. `ws` cuts it after {@link closeTimeoutMs}. */
  #closeFlooder(socket: TrackerSocket): void {
    this.#outbox.flush(socket);
    socket.close(closePolicy, 'Too many messages');
    socket.pause();
  }

  #probe(socket: TrackerSocket): void {
    if (socket.probe !== null) return;
    // It counts as answered, after the deliveries under way.
    if (this.#now() - socket.answeredProbeAt < probePauseMs) return void setImmediate(() => this.#answered(socket));
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
    this.#outbox.dropSlowest();
    this.perform((out) => this.#store.expire(now, expiredPerTurn, out));
  }
}
