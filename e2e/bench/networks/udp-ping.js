import { createSocket } from 'node:dgram';

/**
 * Round trips over UDP, for a `ping` that needs no tool. `udp-ping.js echo PORT` sends back what comes; `udp-ping.js ping ADDRESS PORT` asks
 * five times a second and prints each round trip in milliseconds on a line of its own. What is lost is not printed.
 */
const [role, ...place] = process.argv.slice(2);
const socket = createSocket('udp4');
const everyMs = 200;

function echo() {
  socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address));
  socket.bind(Number(place[0]), () => console.log('ready'));
}

function ping() {
  const [address, port] = place;
  socket.on('message', (bytes) => console.log((performance.now() - bytes.readDoubleLE()).toFixed(1)));
  setInterval(() => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(performance.now());
    socket.send(bytes, Number(port), address);
  }, everyMs);
}

if (role === 'echo') echo();
else ping();
