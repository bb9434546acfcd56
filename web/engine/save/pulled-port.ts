import type { Bytes } from '../../../shared/bytes.ts';

/**
 * The engine's end of a stream of bytes: one transferred ArrayBuffer for each `{pull: true}`, `null` at the end. The other side ends it early
 * with `{cancel: true}` or by closing its port; only newer browsers tell of the second.
 */
export class PulledPort {
  readonly #port: MessagePort;
  readonly #over = new AbortController();
  #credit = 0;
  #wake: () => void = () => undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.addEventListener('message', ({ data }: MessageEvent<StreamPull>) => {
      if ('cancel' in data) return this.close();
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

  /** Sends a copy: views of the caches stay here. */
  send(bytes: Bytes): void {
    const { buffer } = bytes.slice();
    this.#port.postMessage(buffer, [buffer]);
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
type StreamPull = { readonly pull: true } | { readonly cancel: true };
