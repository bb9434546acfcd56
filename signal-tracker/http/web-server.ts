import { createServer, ServerResponse, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { Milliseconds } from '../../shared/ids.ts';

export interface WebServerOptions {
  /** With it https and wss, without it http and ws. */
  readonly tls: SecureContextOptions | null;
  /** Answers plain http on the same port as https; `null`: nobody does. */
  readonly plain: Handlers | null;
  readonly handlers: Handlers;
  /** Called with each new connection; may destroy it. */
  readonly accept: (socket: Socket) => void;
  readonly maxConnections: number;
  /** A connection without progress is closed after it. */
  readonly idleMs: Milliseconds;
}

export interface Handlers {
  readonly request: RequestListener;
  readonly upgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) => void;
}

/** No real browser needs more than a few seconds for its headers. */
const headersTimeoutMs = 10_000;

/** How often Node looks for late requests. Its default of 30 s lets them stay for 40 s, and ends all of them at once. */
const unfinishedCheckMs = 500;

/** The first byte of a TLS connection: the type of a handshake record (RFC 8446, section 5.1). No http request begins with it. */
const tlsHandshake = 22;

const timeouts = {
  headersTimeout: headersTimeoutMs,
  requestTimeout: 3 * headersTimeoutMs,
  connectionsCheckingInterval: unfinishedCheckMs,
};

/** One listening port with http, with https, or with both, told apart by the first byte. */
export class WebServer {
  readonly #door: TcpServer;
  readonly #main: Server | TlsServer;
  readonly #plain: Server | null;
  /** All of them, also those in the middle of a TLS handshake, which Node does not list. */
  readonly #open = new Set<Socket>();

  constructor({ tls, plain, handlers, accept, maxConnections, idleMs }: WebServerOptions) {
    const main = tls === null ? createServer(timeouts) : createTlsServer({ ...timeouts, handshakeTimeout: headersTimeoutMs, ...tls });
    this.#main = handling(main, handlers, idleMs);
    this.#plain = plain === null ? null : handling(createServer(timeouts), plain, idleMs);
    this.#door = plain === null ? main : createTcpServer((socket) => this.#tellApart(socket));
    this.#door.maxConnections = maxConnections;
    this.#door.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
      accept(socket);
    });
  }

  get port(): number {
    return (this.#door.address() as AddressInfo).port;
  }

  /** Rejects with the system's error when the port cannot be had. `port` 0: any free one. `host` `undefined`: all addresses. */
  listen(port: number, host: string | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#door.once('error', reject);
      this.#door.listen(port, host, () => {
        this.#door.removeListener('error', reject);
        if (this.#door !== this.#main) this.#trackInner();
        resolve();
      });
    });
  }

  /** New connections get this certificate; open ones stay. Only for a server with TLS. */
  renew(certificate: SecureContextOptions): void {
    (this.#main as TlsServer).setSecureContext(certificate);
  }

  /** Takes no new connections from now on. The answer closes those that are left, and resolves when all are gone. */
  close(): () => Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#door.close(() => resolve());
    });
    return async () => {
      for (const socket of this.#open) socket.destroy();
      for (const server of this.#inner()) if (server !== this.#door) server.close();
      await stopped;
    };
  }

  #inner(): Server[] {
    return this.#plain === null ? [this.#main] : [this.#main, this.#plain];
  }

  /** Node starts to watch for late requests when a server listens, and these two only get their connections from another. */
  #trackInner(): void {
    for (const server of this.#inner()) server.emit('listening');
  }

  #tellApart(socket: Socket): void {
    const late = setTimeout(() => socket.destroy(), headersTimeoutMs);
    const destroy = (): void => void socket.destroy();
    const settle = (): void => {
      clearTimeout(late);
      socket.removeListener('error', destroy);
    };
    socket.once('error', destroy);
    socket.once('close', settle);
    socket.once('data', (first) => {
      socket.pause();
      settle();
      socket.unshift(first);
      const server = first[0] === tlsHandshake ? this.#main : this.#plain;
      server?.emit('connection', socket);
      // The server has its listeners now; those of TLS take what was read from the socket themselves.
      process.nextTick(() => socket.resume());
    });
  }
}

function handling<Kind extends Server | TlsServer>(server: Kind, { request, upgrade }: Handlers, idleMs: Milliseconds): Kind {
  server.timeout = idleMs;
  server.on('request', request);
  server.on('upgrade', (message: IncomingMessage, stream: Socket, head: Buffer) => {
    if (wantsOtherProtocol(message)) answerAnyway(message, stream, request);
    else upgrade(message, stream, head);
  });
  return server;
}

/**
 * A server may ignore an upgrade (RFC 9110, section 7.8). Java's HttpClient and `curl --http2` offer `h2c` with requests that HTTP/1.1 can answer.
 * Node does not read the body of such a request.
 */
function wantsOtherProtocol({ method, headers }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && !/websocket/i.test(headers.upgrade ?? '');
}

/** Node has let go of the connection: it carries this one answer. */
function answerAnyway(message: IncomingMessage, stream: Socket, request: RequestListener): void {
  const response = new ServerResponse(message);
  response.shouldKeepAlive = false;
  response.assignSocket(stream);
  stream.once('error', () => stream.destroy());
  stream.once('close', () => response.destroy());
  response.once('finish', () => stream.end(() => stream.destroy()));
  request(message, response);
}
