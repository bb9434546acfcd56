/**
 * Data channels and nothing else: the baseline of the bench. Driven through `window.rawChannel`. With `?worker` a Worker receives, and the
 * page shows a number once a second, as any page would. `?stun=URL` names a STUN server.
 */
const highWaterBytes = 1 << 20;
const lowWaterBytes = 1 << 19;

const query = new URLSearchParams(location.search);
const stun = query.get('stun');
const configuration = stun === null ? {} : { iceServers: [{ urls: stun }] };
const worker = query.has('worker') ? new Worker('/raw-receiver.js') : null;
/** @type {{ connection: RTCPeerConnection, channel: Promise<RTCDataChannel> }[]} */
const links = [];
/** Bytes received over all connections since `count` was called. */
let counted = 0;

/** The description with all candidates in it. @param {RTCPeerConnection} connection */
async function described(connection) {
  if (connection.iceGatheringState !== 'complete') {
    await new Promise((resolve) => {
      connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && resolve(null);
    });
  }
  return connection.localDescription?.sdp ?? '';
}

/** @param {RTCDataChannel} sending */
function drained(sending) {
  return new Promise((resolve) => {
    sending.onbufferedamountlow = () => resolve(null);
  });
}

/** @param {RTCDataChannel} sending @param {number} bytes @param {Uint8Array<ArrayBuffer>} message */
async function sendAll(sending, bytes, message) {
  sending.bufferedAmountLowThreshold = lowWaterBytes;
  for (let left = bytes; left > 0; left -= message.length) {
    if (sending.bufferedAmount > highWaterBytes) await drained(sending);
    sending.send(left < message.length ? message.subarray(0, left) : message);
  }
}

/** @param {RTCDataChannel} receiving @param {number} bytes */
async function receiveHere(receiving, bytes) {
  let left = bytes;
  await new Promise((resolve) => {
    receiving.onmessage = (event) => {
      left -= event.data.byteLength;
      if (left <= 0) resolve(null);
    };
  });
}

/** @param {Worker} receiver @param {number} bytes */
async function receiveInWorker(receiver, bytes) {
  const number = document.body.appendChild(document.createElement('p'));
  const timer = setInterval(() => (number.textContent = performance.now().toFixed(0)), 1000);
  receiver.postMessage({ bytes });
  await new Promise((resolve) => (receiver.onmessage = resolve));
  clearInterval(timer);
}

window.rawChannel = {
  async offer() {
    const connection = new RTCPeerConnection(configuration);
    links.push({ connection, channel: Promise.resolve(connection.createDataChannel('raw')) });
    await connection.setLocalDescription();
    return described(connection);
  },
  async answer(offer) {
    const connection = new RTCPeerConnection(configuration);
    const channel = new Promise((resolve) => {
      // A channel can only be transferred in the task that creates it.
      connection.ondatachannel = (event) => {
        if (worker === null) resolve(event.channel);
        else worker.postMessage({ channel: event.channel }, [event.channel]);
      };
    });
    links.push({ connection, channel });
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    await connection.setLocalDescription();
    return described(connection);
  },
  async accept(answer, at = -1) {
    await links.at(at)?.connection.setRemoteDescription({ type: 'answer', sdp: answer });
  },
  async opened() {
    // The Worker opens the channels that it was given.
    if (worker !== null) return;
    for (const { channel } of links) {
      const opening = await channel;
      opening.binaryType = 'arraybuffer';
      if (opening.readyState !== 'open') await new Promise((resolve) => (opening.onopen = resolve));
    }
  },
  async send(bytes, messageBytes) {
    const message = crypto.getRandomValues(new Uint8Array(messageBytes));
    await Promise.all(links.map(async ({ channel }) => sendAll(await channel, bytes, message)));
  },
  async receive(bytes) {
    const start = performance.now();
    await (worker === null ? receiveHere(await /** @type {typeof links[0]} */ (links[0]).channel, bytes) : receiveInWorker(worker, bytes));
    return performance.now() - start;
  },
  async count() {
    for (const { channel } of links) (await channel).onmessage = (event) => (counted += event.data.byteLength);
  },
  counted() {
    return counted;
  },
};
