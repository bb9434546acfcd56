import type { Milliseconds } from '../../shared/ids.ts';

/** How many answers with a seed's bytes may run at once. */
export interface SeedLimits {
  readonly maxAnswers: number;
  /** A school or an office may be behind one address; each page has two fetches at a time. */
  readonly maxAnswersPerAddress: number;
}

/** 256 answers hold 64 MB of buffers, and share a gigabit at half a megabyte a second each. */
export const seedLimits: SeedLimits = { maxAnswers: 256, maxAnswersPerAddress: 64 };

/** A reader that took no chunk (256 KiB) for this long is slower than 128 kB/s, and gives way where slots are scarce. */
const slowMs: Milliseconds = 2000;

/** One running answer. */
export interface SeedSlot {
  /** As `addressKey` returns it. */
  readonly address: string;
  /** When its reader last took a chunk. */
  progressAt: Milliseconds;
  /** Ends the answer. */
  readonly end: () => void;
}

/** Limits running answers, in all and by address. Loopback ('') counts only in all, as with sockets. */
export class SeedSlots {
  readonly #limits: SeedLimits;
  readonly #slots = new Set<SeedSlot>();

  constructor(limits: SeedLimits) {
    this.#limits = limits;
  }

  /**
   * False if there is no room for one more. If the slots are used up, one whose reader is slow gives way: of this address if its own slots are used
   * up, otherwise of the address that holds most. So a few addresses that read slowly cannot keep everyone else out.
   */
  enter(slot: SeedSlot, now: Milliseconds): boolean {
    const own = this.#of(slot.address);
    const isAddressFull = slot.address !== '' && own.length >= this.#limits.maxAnswersPerAddress;
    if (isAddressFull || this.#slots.size >= this.#limits.maxAnswers) {
      const slowest = this.#slowest(isAddressFull ? own : [...this.#slots], now);
      if (slowest === null) return false;
      this.#slots.delete(slowest);
      slowest.end();
    }
    this.#slots.add(slot);
    return true;
  }

  leave(slot: SeedSlot): void {
    this.#slots.delete(slot);
  }

  #slowest(slots: readonly SeedSlot[], now: Milliseconds): SeedSlot | null {
    const held = new Map<string, number>();
    for (const { address } of this.#slots) held.set(address, (held.get(address) ?? 0) + 1);
    const slow = slots.filter(({ progressAt }) => now - progressAt >= slowMs);
    const heldBy = ({ address }: SeedSlot): number => held.get(address) ?? 0;
    const [first] = slow.toSorted((a, b) => heldBy(b) - heldBy(a) || a.progressAt - b.progressAt);
    return first ?? null;
  }

  #of(address: string): SeedSlot[] {
    return [...this.#slots].filter((slot) => slot.address === address);
  }
}
