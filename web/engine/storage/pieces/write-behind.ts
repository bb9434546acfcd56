import { itemAt } from '../../../../shared/assert.ts';
import type { Bytes } from '../../../../shared/bytes.ts';
import type { PieceIndex } from '../../../../shared/ids.ts';

export type Batch = ReadonlyMap<PieceIndex, Bytes>;

const batchBytes = 2 * 1024 * 1024;
/** A transaction costs the browser 10 ms and more, so pieces that arrive slowly wait for others. */
const batchAfterMs = 1000;
const batchesInFlight = 2;
/**
 * With more than this waiting, the network is faster than the disk, and `ready` waits. A piece counts as verified only after `ready`, so
 * this is also the most that a killed browser downloads again.
 */
const readyAtBytes = 4 * 1024 * 1024;

/** Before the next write after a fault: a hiccup of the database is over in a moment, a busy disk in seconds. */
const pausesMs = [200, 1000, 3000] as const;

export interface WriteBehindHost {
  /** Writes a batch whole or not at all. */
  write(batch: Batch): Promise<void>;
  /**
   * A write failed: `wait` keeps its pieces until `retry`, `again` writes them after a pause. `isNew` is false for a write that was under way
   * when another failed: one fault of the database, not two.
   */
  writeFailed(error: unknown, isNew: boolean): 'wait' | 'again';
  /** Calls back once after this time. */
  after(delayMs: number, callback: () => void): void;
}

interface Waiting {
  readonly bytes: Bytes;
  readonly durable: () => void;
}

/**
 * Gathers pieces into transactions. A piece added here is in exactly one of: gathering, in flight (both readable by `get`), durable
 * (forgotten here). A failed batch goes back to gathering, so nothing added is ever dropped.
 */
export class WriteBehind {
  readonly #host: WriteBehindHost;
  readonly #gathering = new Map<PieceIndex, Waiting>();
  readonly #inFlight = new Set<ReadonlyMap<PieceIndex, Waiting>>();
  #gatheringBytes = 0;
  #waitingBytes = 0;
  #stopped = false;
  #timed = false;
  /** After a fault, before the next write. */
  #pausing = false;
  #faultsInARow = 0;
  #flushing = false;
  readonly #readyWaiters: (() => void)[] = [];
  readonly #flushWaiters: (() => void)[] = [];

  constructor(host: WriteBehindHost) {
    this.#host = host;
  }

  /** Bytes added and not durable yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** True where a write failed for want of room and `retry` was not called since. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Resolves when durable. */
  add(piece: PieceIndex, bytes: Bytes): Promise<void> {
    return new Promise((durable) => {
      this.#gathering.set(piece, { bytes, durable });
      this.#gatheringBytes += bytes.length;
      this.#waitingBytes += bytes.length;
      this.#pump();
    });
  }

  get(piece: PieceIndex): Bytes | undefined {
    const gathering = this.#gathering.get(piece);
    if (gathering !== undefined) return gathering.bytes;
    for (const batch of this.#inFlight) {
      const waiting = batch.get(piece);
      if (waiting !== undefined) return waiting.bytes;
    }
    return undefined;
  }

  /** Resolves when at most {@link readyAtBytes} wait. While writing is stopped, that is some time after `retry`. */
  ready(): Promise<void> {
    if (this.#isReady()) return Promise.resolve();
    return new Promise((resolve) => this.#readyWaiters.push(resolve));
  }

  /** Resolves when nothing waits, or when writing has stopped. */
  flush(): Promise<void> {
    if (this.#settled()) return Promise.resolve();
    this.#flushing = true;
    return new Promise((resolve) => {
      this.#flushWaiters.push(resolve);
      this.#pump();
    });
  }

  retry(): void {
    this.#stopped = false;
    this.#pump();
  }

  #isReady(): boolean {
    return this.#waitingBytes <= readyAtBytes;
  }

  #settled(): boolean {
    return this.#waitingBytes === 0 || (this.#stopped && this.#inFlight.size === 0);
  }

  #pump(): void {
    while (!this.#stopped && !this.#pausing && this.#inFlight.size < batchesInFlight && this.#due())
      void this.#writeBatch(this.#takeBatch());
    if (this.#gathering.size > 0 && !this.#timed && !this.#stopped) this.#setTimer();
    if (this.#isReady()) release(this.#readyWaiters);
    if (this.#settled()) {
      this.#flushing = false;
      release(this.#flushWaiters);
    }
  }

  #due(): boolean {
    return this.#gathering.size > 0 && (this.#flushing || this.#gatheringBytes >= batchBytes);
  }

  #setTimer(): void {
    this.#timed = true;
    this.#host.after(batchAfterMs, () => {
      this.#timed = false;
      if (this.#gathering.size > 0 && !this.#stopped && !this.#pausing && this.#inFlight.size < batchesInFlight)
        void this.#writeBatch(this.#takeBatch());
      this.#pump();
    });
  }

  #pause(): void {
    if (this.#pausing) return;
    this.#pausing = true;
    const pauseMs = itemAt(pausesMs, Math.min(this.#faultsInARow++, pausesMs.length - 1));
    this.#host.after(pauseMs, () => {
      this.#pausing = false;
      this.#pump();
    });
  }

  #takeBatch(): ReadonlyMap<PieceIndex, Waiting> {
    const batch = new Map<PieceIndex, Waiting>();
    let bytes = 0;
    for (const [piece, waiting] of this.#gathering) {
      batch.set(piece, waiting);
      this.#gathering.delete(piece);
      bytes += waiting.bytes.length;
      if (bytes >= batchBytes) break;
    }
    this.#gatheringBytes -= bytes;
    return batch;
  }

  async #writeBatch(batch: ReadonlyMap<PieceIndex, Waiting>): Promise<void> {
    this.#inFlight.add(batch);
    try {
      await this.#host.write(new Map(Array.from(batch, ([piece, { bytes }]) => [piece, bytes])));
      for (const { bytes, durable } of batch.values()) {
        this.#waitingBytes -= bytes.length;
        durable();
      }
      this.#faultsInARow = 0;
    } catch (error) {
      for (const [piece, waiting] of batch) {
        this.#gathering.set(piece, waiting);
        this.#gatheringBytes += waiting.bytes.length;
      }
      if (this.#host.writeFailed(error, !this.#pausing) === 'wait') this.#stopped = true;
      else this.#pause();
    }
    this.#inFlight.delete(batch);
    this.#pump();
  }
}

function release(waiters: (() => void)[]): void {
  for (const waiter of waiters.splice(0)) waiter();
}
