/** The parts of bittorrent-tracker (it has no types of its own) that the tests drive. */
declare module 'bittorrent-tracker' {
  import type { EventEmitter } from 'node:events';
  import type { Server as HttpServer } from 'node:http';
  import type { AddressInfo } from 'node:net';
  import type { WebSocket } from 'ws';

  interface ClientOptions {
    readonly infoHash: string;
    readonly peerId: string;
    readonly announce: readonly string[];
    /** For http and udp trackers; the constructor insists. */
    readonly port: number;
    readonly rtcConfig: { readonly iceServers: readonly object[] };
    readonly getAnnounceOpts?: () => { readonly left: number };
  }

  interface Update {
    readonly announce: string;
    readonly infoHash: string;
    readonly complete: number;
    readonly incomplete: number;
    readonly downloaded?: number;
    readonly interval?: number;
  }

  interface Peer extends EventEmitter {
    readonly id: string;
    send(text: string): void;
    destroy(): void;
  }

  export class Client extends EventEmitter<{ update: [Update]; scrape: [Update]; warning: [Error]; peer: [Peer] }> {
    constructor(options: ClientOptions);
    start(options?: object): void;
    update(options?: object): void;
    complete(options?: object): void;
    stop(options?: object): void;
    scrape(options?: { readonly infoHash: readonly string[] }): void;
    destroy(): void;
  }

  export class Server extends EventEmitter {
    constructor(options: { http: boolean; udp: boolean; ws: boolean; stats?: boolean });
    readonly ws: { address(): AddressInfo; on(event: 'connection', heard: (socket: WebSocket) => void): void };
    /** There with `ws` too: the sockets are upgraded from it. */
    readonly http: HttpServer;
    listen(port: number, hostname: string, listening?: () => void): void;
    close(done?: () => void): void;
  }
}
