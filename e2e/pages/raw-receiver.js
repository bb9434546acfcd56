/** Counts what comes over a channel that the page transfers here, and says when it is all that was asked for. */
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
