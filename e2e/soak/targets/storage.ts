import { byteAt } from '../../../shared/bytes.ts';
import type { Random } from '../../../shared/random.ts';
import { WriteBehind, type Batch } from '../../../web/engine/storage/pieces/write-behind.ts';
import { pick } from '../inputs.ts';
import { expectThat, type Target } from '../target.ts';

/** A database that refuses writes at random, for want of room or by a fault, until it `recovers`. */
class FaultyDatabase {
  readonly stored = new Map<number, number>();
  readonly timers: (() => void)[] = [];
  readonly #open: (() => void)[] = [];
  readonly #random: Random;
  recovers = false;
  readonly writes: WriteBehind;

  constructor(random: Random) {
    this.#random = random;
    this.writes = new WriteBehind({
      write: (batch) => new Promise((resolve, reject) => this.#open.push(() => this.#end(batch, resolve, reject))),
      writeFailed: () => (random.below(3) === 0 ? 'wait' : 'again'),
      after: (_delayMs, callback) => this.timers.push(callback),
    });
  }

  get isBusy(): boolean {
    return this.#open.length > 0 || this.timers.length > 0;
  }

  /** Ends the oldest write, or lets the oldest timer run out. */
  async step(): Promise<void> {
    const isWrite = this.#open.length > 0 && (this.timers.length === 0 || this.#random.below(2) === 0);
    (isWrite ? this.#open : this.timers).shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }

  #end(batch: Batch, resolve: () => void, reject: (error: Error) => void): void {
    if (!this.recovers && this.#random.below(3) === 0) return reject(new Error('refused'));
    for (const [piece, bytes] of batch) this.stored.set(piece, byteAt(bytes, 0));
    resolve();
  }
}

/** Pieces are readable until they are stored, and everything added is stored once the database recovers. */
async function takeFaults(random: Random): Promise<void> {
  const database = new FaultyDatabase(random);
  const durable = new Set<number>();
  const count = 1 + random.below(pick([4, 4, 4, 12], random));
  for (let piece = 0; piece < count; piece++) {
    const bytes = new Uint8Array(1 + random.below(1_500_000));
    bytes[0] = piece;
    void database.writes.add(piece, bytes).then(() => durable.add(piece));
    while (random.below(3) > 0 && database.isBusy) await database.step();
    if (random.below(4) === 0) database.writes.retry();
    for (let earlier = 0; earlier <= piece; earlier++) {
      const isReadable = database.writes.get(earlier)?.[0] === earlier || database.stored.get(earlier) === earlier;
      expectThat(isReadable, `piece ${earlier} is neither waiting nor stored`);
      expectThat(!durable.has(earlier) || database.stored.has(earlier), `piece ${earlier} is called durable and is not stored`);
    }
  }
  database.recovers = true;
  for (let steps = 0; steps < 500 && durable.size < count; steps++) {
    database.writes.retry();
    void database.writes.flush();
    await database.step();
  }
  expectThat(durable.size === count, `${count - durable.size} of ${count} pieces were never stored`);
  expectThat(database.writes.waitingBytes === 0, `${database.writes.waitingBytes} bytes wait for nothing`);
}

export const storageTargets: readonly Target[] = [{ name: 'storage faults', take: takeFaults, mostMs: 5000 }];
