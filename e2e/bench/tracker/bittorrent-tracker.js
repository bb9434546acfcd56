import { Server } from 'bittorrent-tracker';

/** The tracker of npm, WebSocket only, as it comes. Argument: the port. */
const server = new Server({ http: false, udp: false, ws: true, stats: false });
server.listen(Number(process.argv[2]), '127.0.0.1');
