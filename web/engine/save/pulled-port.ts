import type { Bytes } from '../../../shared/bytes.ts';

/**
 * The engine's end of a stream of bytes: one transferred ArrayBuffer for each `{pull: true}`, which may give an earlier one back as `done`,
 * and `null` at the end. The other side ends it early
 * with `{cancel: true}` or by closing its port; only newer browsers tell of the second.
 */
export class PulledPort {
  readonly #port: MessagePort;
  readonly #over = new AbortController();
  /** Buffers that the other side has done with. */
  readonly #spare: ArrayBuffer[] = [];
  #credit = 0;
  #wake: () => void = () => undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.addEventListener('message', ({ data }: MessageEvent<StreamPull>) => {
      if ('cancel' in data) return this.close();
      if (data.done !== undefined && this.#spare.length < mostSpare) this.#spare.push(data.done);
      this.#credit++;
      this.#wake();
    });
    port.addEventListener('close', () => this.close());
    port.start();
  }

  /** Aborted when either side has closed it. */
  get closed(): AbortSignal {
    return this.#over.signal;
  }

  /** Waits for one pull; `false` where the port was closed. */
  async pulled(): Promise<boolean> {
    while (this.#credit === 0 && !this.closed.aborted) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#credit--;
    return !this.closed.aborted;
  }

  /** Sends a copy: views of the caches stay here. It is made in a buffer that came back, if one fits. */
  send(bytes: Bytes): void {
    const spare = this.#spare.pop();
    const copy = new Uint8Array(spare?.byteLength === bytes.length ? spare : new ArrayBuffer(bytes.length));
    copy.set(bytes);
    this.#port.postMessage(copy.buffer, [copy.buffer]);
  }

  end(): void {
    this.#port.postMessage(null);
  }

  close(): void {
    this.#port.close();
    this.#over.abort();
    this.#wake();
  }
}

/** What the other side says. */
type StreamPull = { readonly pull: true; readonly done?: ArrayBuffer } | { readonly cancel: true };

/** The other side gives back one for each that it takes; the garbage collector would leave some 200 MB of them. */
const mostSpare = 2;
