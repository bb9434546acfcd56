import { once } from 'node:events';
import { Server } from 'bittorrent-tracker';

/** The bittorrent-tracker of npm, WebSocket only: the tracker most WebTorrent swarms meet at. */
export class BitTorrentTracker {
  readonly announceUrl: string;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.announceUrl = `ws://localhost:${port}`;
  }

  static async start(): Promise<BitTorrentTracker> {
    const server = new Server({ http: false, udp: false, ws: true, stats: false });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BitTorrentTracker(server, server.ws.address().port);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
