import { connect, createServer } from 'node:net';

/**
 * One TCP connection that sends as fast as it may, as somebody else's upload does. `tcp-stream.js receive PORT` prints every 100 ms the
 * bytes that have come; `tcp-stream.js send ADDRESS PORT` sends until it is ended.
 */
const [role, ...place] = process.argv.slice(2);
const printEveryMs = 100;

function receive() {
  let bytes = 0;
  const server = createServer((socket) => socket.on('data', (chunk) => (bytes += chunk.length)));
  server.listen(Number(place[0]), () => console.log('ready'));
  setInterval(() => console.log(bytes), printEveryMs);
}

function send() {
  const [address, port] = place;
  const socket = connect(Number(port), address);
  const chunk = Buffer.alloc(1 << 16);
  const fill = () => {
    while (socket.write(chunk));
  };
  socket.on('connect', fill).on('drain', fill);
}

if (role === 'receive') receive();
else send();
