import { WebSocketServer } from 'ws';

/** The baseline: `ws` with the tracker's settings, which sends every message back. Argument: the port. */
const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', perMessageDeflate: false, clientTracking: false });

/** @this {import('ws').WebSocket} @param {import('ws').RawData} message */
function echo(message) {
  this.send(/** @type {Buffer} */ (message), { binary: false });
}

server.on('connection', (socket) => socket.on('message', echo));
