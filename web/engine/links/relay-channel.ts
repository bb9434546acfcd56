import type { FromRelay, ToRelay } from '../../bridge/protocol.ts';
import type { Channel } from './channel-link.ts';

/**
 * A data channel that had to stay on the page, seen from the Worker through a port (`web/rtc/relay.ts` is the other end). Bytes are
 * copied once more than on a transferred channel, because their buffer changes owner with the message.
 */
export class RelayChannel implements Channel {
  binaryType = 'arraybuffer';
  bufferedAmountLowThreshold = 0;
  onopen: Channel['onopen'] = null;
  onmessage: Channel['onmessage'] = null;
  onbufferedamountlow: Channel['onbufferedamountlow'] = null;
  onclosing: Channel['onclosing'] = null;
  onclose: Channel['onclose'] = null;
  readonly #port: MessagePort;
  #readyState: Channel['readyState'] = 'connecting';
  #queuedBytes = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = (event: MessageEvent<FromRelay>) => this.#received(event.data);
  }

  get readyState(): Channel['readyState'] {
    return this.#readyState;
  }

  /** Bytes without credit yet. */
  get bufferedAmount(): number {
    return this.#queuedBytes;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#readyState !== 'open') throw new Error('the relayed channel is not open');
    const copy = bytes.slice();
    this.#queuedBytes += copy.length;
    this.#post(copy, [copy.buffer]);
  }

  close(): void {
    if (this.#readyState === 'closed') return;
    this.#readyState = 'closed';
    this.#post('close', []);
    this.#port.close();
  }

  #post(message: ToRelay, transfer: Transferable[]): void {
    this.#port.postMessage(message, transfer);
  }

  #received(message: FromRelay): void {
    if (message instanceof ArrayBuffer) {
      this.#fire(this.onmessage, message);
    } else if (message.kind === 'drained') {
      this.#drained(message.bytes);
    } else if (message.kind === 'text') {
      this.#fire(this.onmessage, '');
    } else if (message.kind === 'open') {
      this.#readyState = 'open';
      this.#fire(this.onopen, null);
    } else {
      this.#readyState = 'closed';
      this.#port.close();
      this.#fire(this.onclose, null);
    }
  }

  #drained(bytes: number): void {
    const before = this.#queuedBytes;
    this.#queuedBytes -= bytes;
    const low = this.bufferedAmountLowThreshold;
    if (before > low && this.#queuedBytes <= low) this.#fire(this.onbufferedamountlow, null);
  }

  /** Handlers use only the event's `data`. */
  #fire(handler: ((event: never) => void) | null, content: unknown): void {
    handler?.({ data: content } as never);
  }
}
