/** Counts the bytes of a channel that the page transfers here, and posts `received` when they are as many as asked for. */
let wanted = Number.POSITIVE_INFINITY;
let received = 0;

function look() {
  if (received >= wanted) postMessage('received');
}

/** @param {MessageEvent<{ channel?: RTCDataChannel, bytes?: number }>} event */
onmessage = ({ data: { channel, bytes } }) => {
  if (bytes !== undefined) {
    wanted = bytes;
    look();
  }
  if (channel === undefined) return;
  channel.binaryType = 'arraybuffer';
  channel.onmessage = ({ data }) => {
    received += data.byteLength;
    look();
  };
};
