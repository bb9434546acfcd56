import type { Milliseconds } from '../../shared/ids.ts';

/** 32 matches cover three announces of ten offers. Scanning them costs less than a hash look-up. */
const rememberedMatches = 32;

/**
 * For this long a pair is not introduced again: an offer is answered within seconds or not at all. With a minute, a seed that came back was kept
 * from leeches that had just missed its first offers.
 */
export const recentMs: Milliseconds = 20_000;

/** A pair whose offer was answered is connected or cannot connect: for five intervals other peers come first. */
export const matchedMs: Milliseconds = 600_000;

/** How a match is remembered: peers of this node have numbers from 1 up, peers of other nodes numbers below 0. */
export interface Serial {
  readonly serial: number;
}

/** No peer has this serial. */
const nobody = 0;

/** Introduced within the last seconds, presumably connected, or neither. */
export type MatchState = 'recent' | 'matched' | 'none';

/**
 * Which peers one peer was introduced to. A base class of `Peer`, not a member: every candidate of an announce is looked at, and one more object
 * is one more cache miss.
 */
export class MatchHistory {
  /**
   * A ring of serials and times in turn; `#answered` says as bits which were answered. One flat list, because it is scanned: objects would be 32
   * cache misses, two lists two.
   */
  #matches: number[] = [];
  #answered = 0;
  #nextMatch = 0;

  /** A match is forgotten with time, after 32 newer ones, and when either peer restarts or reports the other as unreachable. */
  matchState(other: Serial, now: Milliseconds): MatchState {
    const slot = this.#slotOf(other.serial);
    if (slot < 0) return 'none';
    const age = now - (this.#matches[2 * slot + 1] ?? Number.NEGATIVE_INFINITY);
    if (age < recentMs) return 'recent';
    return (this.#answered & (1 << slot)) !== 0 && age < matchedMs ? 'matched' : 'none';
  }

  /** Adds or renews a match. */
  remember(other: Serial, at: Milliseconds, answered: boolean): void {
    let slot = this.#slotOf(other.serial);
    if (slot < 0) {
      slot = this.#nextMatch;
      this.#nextMatch = (slot + 1) % rememberedMatches;
    }
    this.#matches[2 * slot] = other.serial;
    this.#matches[2 * slot + 1] = at;
    this.#answered = answered ? this.#answered | (1 << slot) : this.#answered & ~(1 << slot);
  }

  forgetMatch(other: Serial): void {
    const slot = this.#slotOf(other.serial);
    if (slot >= 0) this.#matches[2 * slot] = nobody;
  }

  forgetMatches(): void {
    this.#matches = [];
    this.#nextMatch = 0;
  }

  #slotOf(serial: number): number {
    const matches = this.#matches;
    for (let at = 0; at < matches.length; at += 2) if (matches[at] === serial) return at >> 1;
    return -1;
  }
}
