/** The parts we use of packages that come without types. */
declare module 'bittorrent-tracker' {
  import type { EventEmitter } from 'node:events';
  import type { AddressInfo } from 'node:net';
  import type { WebSocket } from 'ws';

  export class Server extends EventEmitter {
    constructor(options: { http: boolean; udp: boolean; ws: boolean; stats: boolean });
    readonly ws: { address(): AddressInfo; on(event: 'connection', heard: (socket: WebSocket) => void): void };
    listen(port: number, hostname: string): void;
    close(done: () => void): void;
  }

  /** What a tracker says of a swarm. */
  export interface Counts {
    readonly announce: string;
    readonly complete: number;
    readonly incomplete: number;
  }

  export default class Client extends EventEmitter {
    constructor(options: {
      infoHash: string;
      peerId: string;
      announce: readonly string[];
      wrtc: unknown;
      getAnnounceOpts?: () => Record<string, number>;
    });
    start(): void;
    complete(): void;
    stop(): void;
    update(): void;
    scrape(): void;
    destroy(): void;
  }
}
