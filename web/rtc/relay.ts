import type { FromRelay, ToRelay } from '../bridge/protocol.ts';

/** Credit is returned in steps of at least this size, so that not every message causes another. */
const creditStepBytes = 32 * 1024;

/** … and of an empty queue in these: less than what the Worker's link counts as little (16 KiB), or it would wait for the rest for good. */
const lastCreditBytes = 8 * 1024;

/**
 * Where a browser refuses to transfer a data channel, it stays on the page and this relays its bytes to and from the Worker, which holds
 * the other end of the port (`web/engine/links/relay-channel.ts`). No timers: a hidden tab would throttle them.
 */
export function relay(channel: RTCDataChannel, port: MessagePort): void {
  let owedBytes = 0;
  const post = (message: FromRelay): void => port.postMessage(message, message instanceof ArrayBuffer ? [message] : []);
  /** For what has left the channel's queue. */
  const giveCredit = (): void => {
    const { bufferedAmount } = channel;
    const bytes = owedBytes - bufferedAmount;
    channel.bufferedAmountLowThreshold = Math.max(0, bufferedAmount - creditStepBytes);
    if (bytes < (bufferedAmount === 0 ? lastCreditBytes : creditStepBytes)) return;
    post({ kind: 'drained', bytes });
    owedBytes -= bytes;
  };
  const ended = (): void => {
    post({ kind: 'closed' });
    port.close();
  };
  channel.addEventListener('open', () => post({ kind: 'open' }));
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
    giveCredit();
  };
}
