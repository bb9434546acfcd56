import { assert } from '../../assert.ts';
import type { Milliseconds } from '../../ids.ts';
import { Fifo } from './fifo.ts';

/** Something to run at a given time. Packets, uplinks and nodes are tasks themselves, which saves a closure per message. */
export interface Task {
  run(): void;
}

/**
 * The virtual clock. Tasks run by time, then by insertion order, so that a run depends only on its seed. What is due now waits in a list: most
 * tasks of a transport without delay, and all of them come after those that the heap has for now. The rest is in one binary heap, whose three
 * parallel arrays take half the time of a heap of objects at 10,000 entries.
 */
export class EventQueue {
  now: Milliseconds = 0;
  #length = 0;
  #sequence = 0;
  #times = new Float64Array(1024);
  #sequences = new Float64Array(1024);
  readonly #tasks: Task[] = [];
  readonly #due = new Fifo<Task>();

  /** A time in the past means now; Infinity means never. */
  add(at: Milliseconds, task: Task): void {
    assert(!Number.isNaN(at), 'the time of a task is a number');
    if (at <= this.now) return this.#due.push(task);
    if (at === Infinity) return;
    if (this.#length === this.#times.length) this.#grow();
    this.#rise(this.#length++, at, this.#sequence++, task);
  }

  /** Time of the next task; Infinity if there is none. */
  get nextAt(): Milliseconds {
    if (this.#due.length > 0) return this.now;
    return this.#length === 0 ? Infinity : this.#timeAt(0);
  }

  /** Moves the clock to the next task and runs it. */
  runNext(): void {
    const next = this.#length > 0 && this.#timeAt(0) <= this.now ? undefined : this.#due.shift();
    if (next !== undefined) next.run();
    else this.#runTop();
  }

  #runTop(): void {
    assert(this.#length > 0, 'a task is due');
    this.now = this.#timeAt(0);
    const task = this.#taskAt(0);
    const last = --this.#length;
    const moved = this.#taskAt(last);
    this.#tasks.length = last;
    if (last > 0) this.#sink(this.#timeAt(last), this.#sequenceAt(last), moved);
    task.run();
  }

  #rise(from: number, time: number, sequence: number, task: Task): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#timeAt(parent) <= time) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, time, sequence, task);
  }

  #sink(time: number, sequence: number, task: Task): void {
    const length = this.#length;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && this.#before(child + 1, this.#timeAt(child), this.#sequenceAt(child))) child++;
      if (!this.#before(child, time, sequence)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, time, sequence, task);
  }

  #before(index: number, time: number, sequence: number): boolean {
    const here = this.#timeAt(index);
    return here < time || (here === time && this.#sequenceAt(index) < sequence);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#timeAt(from), this.#sequenceAt(from), this.#taskAt(from));
  }

  #put(at: number, time: number, sequence: number, task: Task): void {
    this.#times[at] = time;
    this.#sequences[at] = sequence;
    this.#tasks[at] = task;
  }

  // One reader an array: every index is below the length. Of a task `!` says so, because an assertion takes 5 % of the queue's time.

  #timeAt(index: number): Milliseconds {
    return this.#times[index] ?? Infinity;
  }

  #sequenceAt(index: number): number {
    return this.#sequences[index] ?? Infinity;
  }

  #taskAt(index: number): Task {
    return this.#tasks[index]!;
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#length);
    const sequences = new Float64Array(2 * this.#length);
    times.set(this.#times);
    sequences.set(this.#sequences);
    this.#times = times;
    this.#sequences = sequences;
  }
}
