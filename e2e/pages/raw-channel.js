/** One data channel and nothing else: the limit that everything is measured against. Driven through `window.rawChannel`. */
const highWaterBytes = 1 << 20;
const lowWaterBytes = 1 << 19;

const connection = new RTCPeerConnection();
/** @type {Promise<RTCDataChannel>} */
let channel = new Promise((resolve) => {
  connection.ondatachannel = (event) => resolve(event.channel);
});

/** The description with all candidates in it. */
async function described() {
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

window.rawChannel = {
  async offer() {
    channel = Promise.resolve(connection.createDataChannel('raw'));
    await connection.setLocalDescription();
    return described();
  },
  async answer(offer) {
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    await connection.setLocalDescription();
    return described();
  },
  async accept(answer) {
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  },
  async opened() {
    const opening = await channel;
    opening.binaryType = 'arraybuffer';
    if (opening.readyState !== 'open') await new Promise((resolve) => (opening.onopen = resolve));
  },
  async send(bytes, messageBytes) {
    const sending = await channel;
    sending.bufferedAmountLowThreshold = lowWaterBytes;
    const message = crypto.getRandomValues(new Uint8Array(messageBytes));
    for (let left = bytes; left > 0; left -= messageBytes) {
      if (sending.bufferedAmount > highWaterBytes) await drained(sending);
      sending.send(left < messageBytes ? message.subarray(0, left) : message);
    }
  },
  async receive(bytes) {
    const receiving = await channel;
    const start = performance.now();
    let left = bytes;
    await new Promise((resolve) => {
      receiving.onmessage = (event) => {
        left -= event.data.byteLength;
        if (left <= 0) resolve(null);
      };
    });
    return performance.now() - start;
  },
};
