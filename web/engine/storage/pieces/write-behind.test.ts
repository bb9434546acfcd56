import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WriteBehind, type Batch } from './write-behind.ts';

const mebibyte = 1024 * 1024;

/** A disk whose writes end when the test says so, and a clock that the test moves. */
class Disk {
  readonly written: number[][] = [];
  readonly timers: (() => void)[] = [];
  /** Whether each was a new one. */
  readonly faults: boolean[] = [];
  readonly #open: { pieces: number[]; resolve: () => void; reject: (error: Error) => void }[] = [];
  verdict: 'wait' | 'again' = 'again';
  readonly writes = new WriteBehind({
    write: (batch: Batch) => new Promise((resolve, reject) => this.#open.push({ pieces: [...batch.keys()], resolve, reject })),
    writeFailed: (_error, isNew) => {
      this.faults.push(isNew);
      return this.verdict;
    },
    after: (_delayMs, callback) => this.timers.push(callback),
  });

  get inFlight(): number[][] {
    return this.#open.map(({ pieces }) => pieces);
  }

  add(piece: number, bytes: number): Promise<void> {
    return this.writes.add(piece, new Uint8Array(bytes));
  }

  async succeed(): Promise<void> {
    const { pieces, resolve } = this.#open.shift()!;
    this.written.push(pieces);
    resolve();
    await settle();
  }

  async fail(): Promise<void> {
    this.#open.shift()!.reject(new Error('refused'));
    await settle();
  }

  tick(): void {
    for (const timer of this.timers.splice(0)) timer();
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('small pieces are written together', async () => {
  const disk = new Disk();
  for (let piece = 0; piece < 7; piece++) void disk.add(piece, mebibyte / 4);
  expect(disk.inFlight).toEqual([]);
  void disk.add(7, mebibyte / 4);
  expect(disk.inFlight).toEqual([[0, 1, 2, 3, 4, 5, 6, 7]]);
});

test('a single piece is written after a while', () => {
  const disk = new Disk();
  void disk.add(3, 16);
  disk.tick();
  expect(disk.inFlight).toEqual([[3]]);
});

test('at most two batches are in flight', async () => {
  const disk = new Disk();
  for (let piece = 0; piece < 4; piece++) void disk.add(piece, 2 * mebibyte);
  expect(disk.inFlight).toEqual([[0], [1]]);
  await disk.succeed();
  expect(disk.inFlight).toEqual([[1], [2]]);
});

test('a piece can be read until it is durable, and the promise says when', async () => {
  const disk = new Disk();
  let durable = false;
  void disk.add(5, 2 * mebibyte).then(() => (durable = true));
  expect(disk.writes.get(5)).toHaveLength(2 * mebibyte);
  await settle();
  expect(durable).toBe(false);
  await disk.succeed();
  expect(durable).toBe(true);
  expect(disk.writes.get(5)).toBeUndefined();
  expect(disk.writes.waitingBytes).toBe(0);
});

test('with storage full nothing is lost or tried, and everything is written after retry', async () => {
  const disk = new Disk();
  disk.verdict = 'wait';
  void disk.add(1, 2 * mebibyte);
  await disk.fail();
  void disk.add(2, 2 * mebibyte);
  disk.tick();
  expect(disk.inFlight).toEqual([]);
  expect(disk.writes.stopped).toBe(true);
  expect(disk.writes.get(1)).toBeDefined();
  await disk.writes.flush();
  disk.writes.retry();
  await disk.succeed();
  await disk.succeed();
  expect(new Set(disk.written.flat())).toEqual(new Set([1, 2]));
});

test('a producer faster than the disk waits until a crash would cost at most 4 MiB', async () => {
  const disk = new Disk();
  for (let piece = 0; piece < 2; piece++) void disk.add(piece, 2 * mebibyte);
  let ready = 0;
  const count = (): number => ready++;
  void disk.writes.ready().then(count);
  await settle();
  expect(ready).toBe(1);
  for (let piece = 2; piece < 4; piece++) void disk.add(piece, 2 * mebibyte);
  void disk.writes.ready().then(count);
  await disk.succeed();
  expect(ready).toBe(1);
  await disk.succeed();
  expect([ready, disk.writes.waitingBytes]).toEqual([2, 4 * mebibyte]);
});

test('with storage full, ready waits while more than 4 MiB are in memory only', async () => {
  const disk = new Disk();
  disk.verdict = 'wait';
  for (let piece = 0; piece < 4; piece++) void disk.add(piece, 2 * mebibyte);
  let ready = false;
  void disk.writes.ready().then(() => (ready = true));
  await disk.fail();
  await disk.fail();
  await settle();
  expect([ready, disk.writes.stopped]).toEqual([false, true]);
  disk.writes.retry();
  await disk.succeed();
  await disk.succeed();
  expect(ready).toBe(true);
});

test('a piece of more than 4 MiB is ready when it is durable', async () => {
  const disk = new Disk();
  void disk.add(0, 8 * mebibyte);
  let ready = false;
  void disk.writes.ready().then(() => (ready = true));
  await settle();
  expect(ready).toBe(false);
  await disk.succeed();
  expect(ready).toBe(true);
});

test('after a fault writing pauses, and a batch that fails in the pause is the same fault', async () => {
  const disk = new Disk();
  for (let piece = 0; piece < 2; piece++) void disk.add(piece, 2 * mebibyte);
  await disk.fail();
  await disk.fail();
  expect([disk.faults, disk.inFlight]).toEqual([[true, false], []]);
  disk.tick();
  expect(disk.inFlight).toEqual([[0], [1]]);
});

test('property: whichever writes fail, every piece is written in the end and flush waits for it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3 * mebibyte }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.constantFrom('succeed', 'fail', 'full', 'tick'), { maxLength: 20 }),
      async (sizes, happenings) => {
        const disk = new Disk();
        const durable = new Set<number>();
        for (const [piece, size] of sizes.entries()) void disk.add(piece, size).then(() => durable.add(piece));
        for (const happening of happenings) {
          disk.verdict = happening === 'full' ? 'wait' : 'again';
          if (happening === 'tick') disk.tick();
          else if (disk.inFlight.length > 0) await (happening === 'succeed' ? disk.succeed() : disk.fail());
          for (const piece of sizes.keys()) expect(disk.writes.get(piece) !== undefined || disk.written.flat().includes(piece)).toBe(true);
        }
        disk.writes.retry();
        let flushed = false;
        void disk.writes.flush().then(() => (flushed = true));
        // A pause after a fault may be running.
        disk.tick();
        while (disk.inFlight.length > 0) await disk.succeed();
        await settle();
        expect(flushed).toBe(true);
        expect([...durable].sort((a, b) => a - b)).toEqual([...sizes.keys()]);
        expect(disk.writes.waitingBytes).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});
