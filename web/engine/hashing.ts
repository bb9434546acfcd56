import type { Hashing } from './ports.ts';

/** SubtleCrypto hashes on threads of its own; more than a few calls at once only hold more memory (measured: no faster). */
const callsInFlight = 4;

/** SubtleCrypto with at most four calls in flight, first come first served. */
export class SubtleHashing implements Hashing {
  #running = 0;
  readonly #queue: (() => void)[] = [];

  sha1(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#digest('SHA-1', bytes);
  }

  sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#digest('SHA-256', bytes);
  }

  async #digest(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#running >= callsInFlight) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running++;
    try {
      return new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
