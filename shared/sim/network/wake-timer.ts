import type { Milliseconds } from '../../ids.ts';
import type { EventQueue, Task } from '../core/event-queue.ts';

/** Wakes a torrent at its `wakeAt()`, which may move at any time: then an earlier task of the queue does nothing. */
export class WakeTimer implements Task {
  readonly #queue: EventQueue;
  readonly #wake: () => void;
  #at: Milliseconds = Infinity;

  constructor(queue: EventQueue, wake: () => void) {
    this.#queue = queue;
    this.#wake = wake;
  }

  schedule(at: Milliseconds): void {
    const next = Math.max(at, this.#queue.now);
    if (next >= this.#at) return;
    this.#at = next;
    this.#queue.add(next, this);
  }

  stop(): void {
    this.#at = Infinity;
  }

  run(): void {
    if (this.#queue.now !== this.#at) return;
    this.#at = Infinity;
    this.#wake();
  }
}
