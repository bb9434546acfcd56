/** Runs work while its memory stays within a budget; the rest waits, in order. */
export class ReadBudget {
  readonly #mostBytes: number;
  readonly #waiting: { readonly bytes: number; readonly begin: () => void }[] = [];
  #heldBytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Work that is larger than the whole budget runs alone. */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) await new Promise<void>((begin) => this.#waiting.push({ bytes, begin }));
    else this.#heldBytes += bytes;
    try {
      return await work();
    } finally {
      this.#heldBytes -= bytes;
      this.#next();
    }
  }

  #fits(bytes: number): boolean {
    return this.#heldBytes === 0 || this.#heldBytes + bytes <= this.#mostBytes;
  }

  /** Counts work before it runs, because it runs a microtask later. */
  #next(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#heldBytes += next.bytes;
      next.begin();
    }
  }
}
