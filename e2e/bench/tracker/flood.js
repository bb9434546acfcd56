import { WebSocket } from 'ws';

/** Sends bad messages over a few sockets as fast as one core can, and reconnects whenever it is disconnected. Argument: the port. */
const url = `ws://127.0.0.1:${process.argv[2]}/`;
const announce = JSON.stringify({ action: 'announce', info_hash: 'f'.repeat(20), peer_id: 'e'.repeat(20), left: 1, numwant: 50 });
const bad = [
  'null',
  '{"action":"scrape","info_hash":5}',
  '['.repeat(30_000),
  announce.replace('left', 'offers'),
  `{"action":"${'x'.repeat(60_000)}"}`,
  announce,
];
let sent = 0;

function attack() {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const push = () => {
    if (socket.readyState !== WebSocket.OPEN) return;
    for (let count = 0; count < 50; count++) socket.send(/** @type {string} */ (bad[sent++ % bad.length]));
    if (socket.bufferedAmount < 1e6) setImmediate(push);
    else setTimeout(push, 1);
  };
  socket.on('open', push);
  socket.on('error', () => socket.terminate());
  socket.on('close', () => setTimeout(attack, 1));
}

for (let count = 0; count < 20; count++) attack();
setInterval(() => process.send?.(sent), 200);
