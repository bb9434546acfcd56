import { expect, test } from 'vitest';
import { blockBytes } from '../../limits.ts';
import { defaultConfig } from '../config.ts';
import { blockKey, keyBlock, keyPiece } from './block-key.ts';
import { Pipeline } from './pipeline.ts';

interface Link {
  readonly roundTripMs: number;
  readonly perSecond: number;
  readonly fromMs?: number;
  readonly forMs: number;
}

/** A peer that answers every block `roundTripMs` after it was asked, `perSecond` blocks a second at most. */
function run(pipeline: Pipeline, { roundTripMs, perSecond, fromMs = 0, forMs }: Link): void {
  const due: { key: number; at: number }[] = [];
  let next = fromMs * 1000;
  let freeAt = 0;
  for (let now = fromMs; now < fromMs + forMs; now++) {
    while (pipeline.roomBlocks(now) > 0) {
      const key = next++;
      pipeline.asked(now, key);
      freeAt = Math.max(freeAt, now + roundTripMs) + 1000 / perSecond;
      due.push({ key, at: freeAt });
    }
    while (due[0] !== undefined && due[0].at <= now) pipeline.answered(now, due.shift()!.key, blockBytes);
    if (now % 1000 === 0) pipeline.tick(now);
  }
}

test('keys carry piece and block', () => {
  const key = blockKey(2 ** 21 - 1, 4095);
  expect([keyPiece(key), keyBlock(key)]).toEqual([2 ** 21 - 1, 4095]);
});

test('the window grows to rate × (round trip + 1 s), and keeps a long path full', () => {
  const pipeline = new Pipeline(defaultConfig);
  run(pipeline, { roundTripMs: 200, perSecond: 100, forMs: 20_000 });
  expect(pipeline.windowBlocks).toBeGreaterThan(100);
  expect(pipeline.windowBlocks).toBeLessThan(260);
});

test('one of twenty sources gets a window of rate × (round trip + 0.35 s), one of four as if it were alone', () => {
  const windows = [4, 20].map((sources) => {
    const pipeline = new Pipeline(defaultConfig);
    pipeline.shareAmong(sources);
    run(pipeline, { roundTripMs: 50, perSecond: 300, forMs: 20_000 });
    return pipeline.windowBlocks;
  });
  expect(windows[0]).toBeGreaterThan(300);
  // 300 a second × (0.05 + 0.35 s) are 120, and nothing shrinks a window below twice that.
  expect(windows[1]).toBeLessThan(250);
});

test('in a crowd slow start does not fill the queue of a giver beyond what the pipeline shall hold', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.shareAmong(20);
  run(pipeline, { roundTripMs: 200, perSecond: 64, forMs: 2500 });
  // 64 a second × (0.2 + 0.35 s) are 36, and nothing shrinks a window below twice that. Alone it would be 163.
  expect(pipeline.windowBlocks).toBeLessThan(80);
});

test('a slow peer gets a short queue', () => {
  const pipeline = new Pipeline(defaultConfig);
  run(pipeline, { roundTripMs: 50, perSecond: 3, forMs: 60_000 });
  expect(pipeline.windowBlocks).toBeLessThanOrEqual(16);
});

test('over several connections slow start stops at what the path holds', () => {
  const pipeline = new Pipeline({ ...defaultConfig, connectionBlocks: 1 });
  pipeline.spreadOver(0, 4);
  run(pipeline, { roundTripMs: 40, perSecond: 150, forMs: 300 });
  // A round trip of 40 ms and 60 ms of queue hold 15 blocks: what was asked for at first is enough. One connection would be at 50.
  expect(pipeline.windowBlocks).toBeLessThanOrEqual(30);
});

test('over several connections slow start goes by how long the path is, not by blocks that waited from the first one on', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.answers.heard(40);
  pipeline.spreadOver(0, 4);
  run(pipeline, { roundTripMs: 120, perSecond: 1000, forMs: 400 });
  expect(pipeline.windowBlocks).toBeLessThanOrEqual(24);
});

test('further connections that open late have a slow start of their own', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.answers.heard(200);
  pipeline.hold(4);
  run(pipeline, { roundTripMs: 200, perSecond: 700, forMs: 4000 });
  pipeline.hold(null);
  pipeline.spreadOver(4000, 16);
  run(pipeline, { roundTripMs: 200, perSecond: 700, fromMs: 4000, forMs: 1000 });
  // 64 at first, and twice as many a round trip later.
  expect(pipeline.windowBlocks).toBeGreaterThan(120);
});

test('on a far path several connections have no more in flight than the path and half of its queue hold', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.answers.heard(200);
  pipeline.spreadOver(0, 16);
  run(pipeline, { roundTripMs: 200, perSecond: 750, forMs: 10_000 });
  // 100 Mbit/s × (0.2 + 0.06 s) are 195; a queue of 0.1 s overflows at 225.
  expect(pipeline.windowBlocks).toBeGreaterThanOrEqual(16 * defaultConfig.farConnectionBlocks);
  expect(pipeline.windowBlocks).toBeLessThan(215);
});

test('on a far path several connections hold less in slow start, so that half of it fits into the queue of the line', () => {
  const windowAfter = (ms: number): number => {
    const pipeline = new Pipeline(defaultConfig);
    pipeline.answers.heard(200);
    pipeline.spreadOver(0, 16);
    run(pipeline, { roundTripMs: 400, perSecond: 400, forMs: ms });
    return pipeline.windowBlocks;
  };
  expect(windowAfter(2900)).toBeLessThanOrEqual(16 * defaultConfig.connectionBlocks);
  expect(windowAfter(8000)).toBeGreaterThan(1.4 * 16 * defaultConfig.connectionBlocks);
});

test('over several connections no more is in flight than a home and its queue of 0.1 s hold, and what they hold themselves', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.answers.heard(40);
  pipeline.spreadOver(0, 4);
  run(pipeline, { roundTripMs: 40, perSecond: 150, forMs: 10_000 });
  // 20 Mbit/s × (0.04 + 0.2 s) are 36.
  expect(pipeline.windowBlocks).toBeGreaterThanOrEqual(4 * defaultConfig.connectionBlocks);
  expect(pipeline.windowBlocks).toBeLessThan(42);
});

/** What several connections have in flight on a path that carries so many blocks a second. */
function windowOf(connections: number, roundTripMs: number, perSecond: number): number {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.answers.heard(roundTripMs);
  pipeline.spreadOver(0, connections);
  run(pipeline, { roundTripMs, perSecond, forMs: 20_000 });
  return pipeline.windowBlocks;
}

test('over several connections the window follows the rate of a home beyond what each connection holds at least', () => {
  // 80 Mbit/s × (0.04 + 0.2 s) are 144.
  expect(windowOf(4, 40, 600)).toBeGreaterThan(130);
});

test('over several connections of a near path, which no line limits, the pipeline holds a second, as over one', () => {
  expect(windowOf(4, 5, 100)).toBeGreaterThan(90);
});

test('on a far path each connection holds more, also where the rate is low', () => {
  expect(windowOf(16, 100, 50)).toBeGreaterThan(1.2 * 16 * defaultConfig.connectionBlocks);
});

test('as soon as further connections are open each has something to carry', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.spreadOver(0, 16);
  expect(pipeline.windowBlocks).toBe(64);
});

test('while further connections are on their way the window does not grow', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.hold(16);
  run(pipeline, { roundTripMs: 100, perSecond: 1000, forMs: 2000 });
  expect(pipeline.windowBlocks).toBe(defaultConfig.firstWindowBlocks);
});

test('over several connections the window holds what each of them may hold back', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.spreadOver(0, 16);
  run(pipeline, { roundTripMs: 40, perSecond: 50, forMs: 60_000 });
  expect(pipeline.windowBlocks).toBe(16 * defaultConfig.connectionBlocks);
});

test("it honours the peer's reqq", () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.limitTo(5);
  run(pipeline, { roundTripMs: 10, perSecond: 1000, forMs: 5000 });
  expect(pipeline.windowBlocks).toBe(5);
});

test('a peer that owes blocks for 20 s is snubbed: everything is given up, and what it still owes probes', () => {
  const pipeline = new Pipeline(defaultConfig);
  for (let key = 0; key < 10; key++) pipeline.asked(0, key);
  expect(pipeline.overdue(19_000)).toEqual([]);
  const late = pipeline.overdue(21_000);
  expect(late).toHaveLength(10);
  for (const key of late) pipeline.giveUp(21_000, key);
  expect([pipeline.snubbed, pipeline.owes(3), pipeline.roomBlocks(21_000)]).toEqual([true, true, 0]);
  for (const key of late) pipeline.rejected(key);
  expect([pipeline.owes(3), pipeline.roomBlocks(21_000)]).toEqual([false, 1]);
  pipeline.asked(21_000, 50);
  expect(pipeline.answered(22_000, 50, blockBytes)).toBe(true);
  expect(pipeline.snubbed).toBe(false);
});

test('what never comes is owed for a while only', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.asked(0, 1);
  pipeline.giveUp(21_000, 1);
  pipeline.tick(40_000);
  expect(pipeline.owes(1)).toBe(true);
  pipeline.tick(41_000);
  expect(pipeline.owes(1)).toBe(false);
});

test('a peer that sends a block in forty seconds is not snubbed for it, and one that stopped is', () => {
  const pipeline = new Pipeline(defaultConfig);
  let now = 0;
  const dueAfter = (ms: number): boolean => {
    pipeline.asked(now, 1);
    const isDue = pipeline.overdue(now + ms).length > 0;
    now += ms;
    pipeline.answered(now, 1, blockBytes);
    return isDue;
  };
  expect(Array.from({ length: 6 }, () => dueAfter(40_000))).toEqual([true, false, false, false, false, false]);
  expect(dueAfter(200_000)).toBe(true);
});

test('a single request that later ones have overtaken is given up', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.asked(0, 1);
  for (let second = 1; second < 40; second++) {
    pipeline.asked(second * 1000, 100 + second);
    pipeline.answered(second * 1000 + 100, 100 + second, blockBytes);
  }
  expect(pipeline.overdue(40_000)).toEqual([1]);
});

test('a late block of a given-up request is no fault, a block that was never requested is', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.asked(0, 1);
  pipeline.giveUp(0, 1);
  expect(pipeline.answered(1, 1, blockBytes)).toBe(true);
  expect(pipeline.answered(2, 1, blockBytes)).toBe(false);
});

test('after a sleep no request is late', () => {
  const pipeline = new Pipeline(defaultConfig);
  pipeline.asked(0, 1);
  pipeline.forgive(8 * 3_600_000);
  expect(pipeline.overdue(8 * 3_600_000 + 5000)).toEqual([]);
});

test('a snubbed peer gets twice as long for its one request each time', () => {
  const pipeline = new Pipeline(defaultConfig);
  const timesOut = (from: number, at: number): boolean => {
    pipeline.asked(from, 1);
    const isDue = pipeline.overdue(at).length > 0;
    pipeline.giveUp(0, 1);
    return isDue;
  };
  expect([timesOut(0, 20_001), timesOut(20_001, 40_002), timesOut(40_002, 80_003)]).toEqual([true, false, true]);
});

/** A turn in which the peer gives so many of the blocks that were requested and rejects the rest. */
function turn(pipeline: Pipeline, requested: number, given: number): void {
  for (let block = 0; block < requested; block++) pipeline.asked(0, block);
  for (let block = 0; block < given; block++) pipeline.answered(1, block, blockBytes);
  for (let block = given; block < requested; block++) pipeline.rejected(block);
}

/** How many requests the next turn takes. */
function spentAfter(pipeline: Pipeline): number {
  let requested = 0;
  for (; !pipeline.isTurnSpent && requested < 200; requested++) pipeline.asked(2, 1000 + requested);
  return requested;
}

test('a peer that serves by turns of a piece is asked for no more than a piece', () => {
  const pipeline = new Pipeline(defaultConfig);
  turn(pipeline, 40, 16);
  pipeline.unchoked(16);
  expect(spentAfter(pipeline)).toBe(16);
  turn(pipeline, 0, 0);
  for (let block = 0; block < 16; block++) pipeline.answered(3, 1000 + block, blockBytes);
  pipeline.unchoked(16);
  expect(spentAfter(pipeline)).toBe(16);
});

test('a peer that gives more than its last turn is asked for all it can give', () => {
  const pipeline = new Pipeline(defaultConfig);
  turn(pipeline, 40, 16);
  pipeline.unchoked(16);
  turn(pipeline, 17, 17);
  expect(spentAfter(pipeline)).toBe(200);
});

test('a peer that serves by rounds is asked for all it can give', () => {
  const pipeline = new Pipeline(defaultConfig);
  turn(pipeline, 200, 100);
  pipeline.unchoked(16);
  expect(spentAfter(pipeline)).toBe(200);
});

test('what a peer gave in its last turn is requested at once in the next, however small the window had become', () => {
  const pipeline = new Pipeline(defaultConfig);
  turn(pipeline, 40, 32);
  // Snubbed: the window falls to its least.
  pipeline.asked(2, 500);
  expect(pipeline.overdue(2 + 3 * defaultConfig.snubMs)).toEqual([500]);
  pipeline.answered(90_000, 500, blockBytes);
  pipeline.tick(100_000);
  expect(pipeline.windowBlocks).toBeLessThan(32);
  pipeline.unchoked(32);
  expect(pipeline.windowBlocks).toBeGreaterThanOrEqual(32);
});
