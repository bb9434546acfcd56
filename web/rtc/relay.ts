import type { FromRelay, ToRelay } from '../bridge/protocol.ts';

/** Below this the channel's queue counts as drained; the Worker's link keeps the high-water mark. */
const lowWaterBytes = 256 * 1024;

/** Credit is returned in steps of at least this size, so that not every message causes another. */
const creditStepBytes = 128 * 1024;

/**
 * Where a browser refuses to transfer a data channel, it stays on the page and this relays its bytes to and from the Worker, which holds
 * the other end of the port (`web/engine/links/relay-channel.ts`). No timers: a hidden tab would throttle them.
 */
export function relay(channel: RTCDataChannel, port: MessagePort): void {
  let owedBytes = 0;
  const post = (message: FromRelay): void => port.postMessage(message, message instanceof ArrayBuffer ? [message] : []);
  const giveCredit = (): void => {
    if (owedBytes === 0) return;
    post({ kind: 'drained', bytes: owedBytes });
    owedBytes = 0;
  };
  const ended = (): void => {
    post({ kind: 'closed' });
    port.close();
  };
  channel.addEventListener('open', () => {
    channel.bufferedAmountLowThreshold = lowWaterBytes;
    post({ kind: 'open' });
  });
  channel.addEventListener('message', (event: MessageEvent<unknown>) => {
    post(event.data instanceof ArrayBuffer ? event.data : { kind: 'text' });
  });
  channel.addEventListener('bufferedamountlow', giveCredit);
  channel.addEventListener('close', ended, { once: true });
  port.onmessage = (event: MessageEvent<ToRelay>) => {
    if (event.data === 'close') {
      channel.close();
      port.close();
      return;
    }
    if (channel.readyState !== 'open') return;
    owedBytes += event.data.length;
    channel.send(event.data);
    if (channel.bufferedAmount <= lowWaterBytes && owedBytes >= creditStepBytes) giveCredit();
  };
}
