import type { Milliseconds } from '../../ids.ts';
import { type BandwidthLimit, hasRate } from './bandwidth-limit.ts';

/** A slot that is not used for so long is lost: many idle links would otherwise save up a burst. */
const slotKeptMs: Milliseconds = 1000;

/**
 * What one link may send, or ask for, under all limits that hold for it. It books one slot at a time, and saves up several for a message that
 * is larger: who asks for eight blocks at once would get eight times the share of others otherwise.
 */
export class Allowance {
  readonly #limits: readonly BandwidthLimit[];
  /** Bytes left of its slots; below 0 where the last message was larger: the next slot pays for it. */
  #leftBytes = 0;
  #slotAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #version = 0;

  constructor(limits: readonly BandwidthLimit[]) {
    this.#limits = limits;
  }

  /** Without a limit everything may go, and nothing is counted. */
  get isLimited(): boolean {
    return hasRate(this.#limits);
  }

  /** True where so many bytes may go now; they are counted. False: from {@link wakeAt} on they may. */
  take(now: Milliseconds, bytes: number): boolean {
    if (!this.isLimited) return true;
    this.#forgetOldRates();
    if (this.#leftBytes > 0 && now - this.#slotAt > slotKeptMs) this.#leftBytes = 0;
    const slotBytes = Math.min(...this.#limits.map((limit) => limit.slotBytes));
    while (this.#slotAt <= now && this.#leftBytes <= Math.max(0, bytes - slotBytes)) this.#book(now, slotBytes);
    if (this.#slotAt > now) return false;
    this.#leftBytes -= bytes;
    return true;
  }

  /** Another slot would be booked for what is taken next. */
  mustBook(now: Milliseconds): boolean {
    if (!this.isLimited) return false;
    this.#forgetOldRates();
    return this.#leftBytes <= 0 || now - this.#slotAt > slotKeptMs;
  }

  /** What was taken last is not used, and nothing else is: the slot is free for other links. */
  giveBack(bytes: number): void {
    const unusedBytes = this.#leftBytes + bytes;
    if (unusedBytes > 0) for (const limit of this.#limits) limit.giveBack(unusedBytes);
    this.#leftBytes = Math.min(0, unusedBytes);
  }

  /** Its link is choked or closed: what is left of its slot, or all of one that it waits for, is free for other links. */
  release(): void {
    this.giveBack(0);
  }

  /** When the slot that is waited for begins; infinite where none is. */
  wakeAt(now: Milliseconds): Milliseconds {
    return this.#leftBytes > 0 && this.#slotAt > now ? this.#slotAt : Number.POSITIVE_INFINITY;
  }

  #book(now: Milliseconds, slotBytes: number): void {
    const debtBytes = Math.max(0, -this.#leftBytes);
    this.#slotAt = Math.max(...this.#limits.map((limit) => limit.book(now, slotBytes + debtBytes)));
    this.#leftBytes += slotBytes + debtBytes;
  }

  #forgetOldRates(): void {
    const version = this.#limits.reduce((sum, limit) => sum + limit.version, 0);
    if (version === this.#version) return;
    this.#version = version;
    this.#leftBytes = 0;
    this.#slotAt = Number.NEGATIVE_INFINITY;
  }
}
