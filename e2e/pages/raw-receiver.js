/** Counts what comes over a channel that the page transfers here. */
let left = Number.POSITIVE_INFINITY;
let early = 0;

/** @param {MessageEvent<{ channel?: RTCDataChannel, bytes?: number }>} event */
onmessage = ({ data: { channel, bytes } }) => {
  if (bytes !== undefined) left = bytes - early;
  if (channel === undefined) return;
  channel.binaryType = 'arraybuffer';
  channel.onmessage = ({ data }) => {
    early += data.byteLength;
    left -= data.byteLength;
    if (left <= 0) postMessage('received');
  };
};
