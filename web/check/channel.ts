import type { ChannelFacts } from './facts.ts';

const connectMs = 6000;

/** Long enough for the channel to leave its slow start. */
const sendingMs = 800;

/** The fastest stretch counts: a channel that waits for a lost packet, or a busy moment, says nothing about the device. */
const stretchMs = 200;

const chunk = new Uint8Array(64 * 1024);
const fullBytes = 1024 * 1024;

/** Connects two ends within this page and sends through them: what this device can do at best. */
export async function checkChannel(): Promise<ChannelFacts> {
  if (typeof RTCPeerConnection !== 'function') return { bytesPerSecond: null };
  const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    const [outgoing, incoming] = await withTimeout(connected(near, far));
    return { bytesPerSecond: await rateOf(outgoing, incoming) };
  } catch {
    // Not connected in time, or refused by the browser: both mean that WebRTC does not work here.
    return { bytesPerSecond: null };
  } finally {
    near.close();
    far.close();
  }
}

async function connected(near: RTCPeerConnection, far: RTCPeerConnection): Promise<[RTCDataChannel, RTCDataChannel]> {
  near.onicecandidate = ({ candidate }) => void far.addIceCandidate(candidate ?? undefined);
  far.onicecandidate = ({ candidate }) => void near.addIceCandidate(candidate ?? undefined);
  const outgoing = near.createDataChannel('check');
  const incoming = new Promise<RTCDataChannel>((resolve) => {
    far.ondatachannel = ({ channel }) => resolve(channel);
  });
  const opened = new Promise<void>((resolve) => {
    outgoing.onopen = () => resolve();
  });
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription as RTCSessionDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription as RTCSessionDescription);
  await opened;
  return [outgoing, await incoming];
}

/** Bytes a second in the fastest stretch. */
function rateOf(outgoing: RTCDataChannel, incoming: RTCDataChannel): Promise<number> {
  let [received, fastest] = [0, 0];
  incoming.binaryType = 'arraybuffer';
  incoming.onmessage = ({ data }) => void (received += (data as ArrayBuffer).byteLength);
  outgoing.bufferedAmountLowThreshold = fullBytes / 2;
  const fill = (): void => {
    while (outgoing.readyState === 'open' && outgoing.bufferedAmount < fullBytes) outgoing.send(chunk);
  };
  outgoing.onbufferedamountlow = fill;
  fill();
  const beganMs = performance.now();
  return new Promise((resolve) => {
    let stretchBeganMs = beganMs;
    const timer = setInterval(() => {
      const nowMs = performance.now();
      fastest = Math.max(fastest, (received * 1000) / (nowMs - stretchBeganMs));
      [received, stretchBeganMs] = [0, nowMs];
      if (nowMs - beganMs < sendingMs) return;
      clearInterval(timer);
      outgoing.onbufferedamountlow = null;
      resolve(fastest);
    }, stretchMs);
  });
}

function withTimeout<Value>(work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('not connected in time')), connectMs);
    work.then(resolve, reject);
  });
}
