/** How many answers with a seed's bytes may run at once. */
export interface SeedLimits {
  readonly maxAnswers: number;
  /** A school or an office may be behind one address; each page has two fetches at a time. */
  readonly maxAnswersPerAddress: number;
}

/** 256 answers hold 64 MB of buffers, and share a gigabit at half a megabyte a second each. */
export const seedLimits: SeedLimits = { maxAnswers: 256, maxAnswersPerAddress: 64 };

/** Limits running answers, in all and by address. Loopback ('') counts only in all, as with sockets. */
export class SeedSlots {
  readonly #limits: SeedLimits;
  readonly #byAddress = new Map<string, number>();
  #answers = 0;

  constructor(limits: SeedLimits) {
    this.#limits = limits;
  }

  /** False if there is no room for one more. */
  enter(address: string): boolean {
    const own = this.#byAddress.get(address) ?? 0;
    if (this.#answers >= this.#limits.maxAnswers) return false;
    if (address !== '' && own >= this.#limits.maxAnswersPerAddress) return false;
    this.#answers++;
    this.#byAddress.set(address, own + 1);
    return true;
  }

  leave(address: string): void {
    this.#answers--;
    const own = (this.#byAddress.get(address) ?? 0) - 1;
    if (own > 0) this.#byAddress.set(address, own);
    else this.#byAddress.delete(address);
  }
}
