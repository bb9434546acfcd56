import { once } from 'node:events';
import { Server } from 'bittorrent-tracker';
import type { WebSocket } from 'ws';

/** `bittorrent-tracker` from npm, WebSocket only: the tracker that most WebTorrent swarms use. */
export class BitTorrentTracker {
  readonly announceUrl: string;
  readonly #server: Server;
  readonly #sockets = new Set<WebSocket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    server.ws.on('connection', (socket) => this.#sockets.add(socket));
    this.announceUrl = `ws://localhost:${port}`;
  }

  static async start(): Promise<BitTorrentTracker> {
    const server = new Server({ http: false, udp: false, ws: true, stats: false });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BitTorrentTracker(server, server.ws.address().port);
  }

  /** Closes all connections first: the server itself would wait for its clients. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
