import { Server } from 'bittorrent-tracker';

/** `bittorrent-tracker` from npm, WebSocket only. Argument: the port. */
const server = new Server({ http: false, udp: false, ws: true, stats: false });
server.listen(Number(process.argv[2]), '127.0.0.1');
