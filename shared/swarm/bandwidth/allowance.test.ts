import { expect, test } from 'vitest';
import type { Milliseconds } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { seededRandom } from '../../random.ts';
import { Allowance } from './allowance.ts';
import { BandwidthLimit } from './bandwidth-limit.ts';

function limitOf(bytesPerSecond: number | null): BandwidthLimit {
  const limit = new BandwidthLimit();
  limit.bytesPerSecond = bytesPerSecond;
  return limit;
}

/** What links of hungry hosts get from `beginMs` until `endMs`. Their timers are up to `lateMs` late. */
function compete(links: readonly Allowance[], endMs: Milliseconds, lateMs = 0, beginMs = 0): number[] {
  const random = seededRandom(7);
  const got = links.map(() => 0);
  const wakes = links.map(() => 0);
  for (let now = beginMs; now < endMs; now++) {
    for (const [index, link] of links.entries()) {
      if (wakes[index]! > now) continue;
      while (link.take(now, blockBytes)) got[index]! += blockBytes;
      wakes[index] = link.wakeAt(now) + random.below(lateMs + 1);
    }
  }
  return got;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test.each([64_000, 300_000, 2_000_000, 25_000_000])('over 10 s links get a limit of %i bytes a second to 5 %', (bytesPerSecond) => {
  for (const count of [1, 3, 20]) {
    const limit = limitOf(bytesPerSecond);
    const links = Array.from({ length: count }, () => new Allowance([limit]));
    const got = sum(compete(links, 10_000, 8)) / 10;
    expect(Math.abs(got / bytesPerSecond - 1)).toBeLessThan(0.05);
  }
});

test('twenty links of two torrents get the same share each, however late their timers are', () => {
  const limit = limitOf(1_000_000);
  const torrents = [limitOf(null), limitOf(null)];
  const links = Array.from({ length: 20 }, (_, index) => new Allowance([limit, torrents[index < 4 ? 0 : 1]!]));
  // The first link has the first burst.
  compete(links, 2000, 10);
  const got = compete(links, 22_000, 10, 2000);
  expect(Math.min(...got)).toBeGreaterThan(0.9 * Math.max(...got));
});

test('the tighter of two limits holds, and what it leaves of the other goes to other links', () => {
  const shared = limitOf(1_000_000);
  const own = limitOf(100_000);
  const slow = new Allowance([shared, own]);
  const [slowGot, fastGot] = compete([slow, new Allowance([shared])], 10_000, 4);
  expect(slowGot! / 1_000_000).toBeCloseTo(1, 0);
  expect(slowGot! / 1_000_000).toBeLessThan(1.05);
  expect((slowGot! + fastGot!) / 10_000_000).toBeGreaterThan(0.95);
  expect((slowGot! + fastGot!) / 10_000_000).toBeLessThan(1.05);
});

test('nothing is counted without a limit', () => {
  const link = new Allowance([limitOf(null), limitOf(null)]);
  for (let i = 0; i < 1000; i++) expect(link.take(0, blockBytes)).toBe(true);
  expect(link.wakeAt(0)).toBe(Number.POSITIVE_INFINITY);
});

test('a limit that ends or rises is used at once, a slot far ahead is forgotten', () => {
  const limit = limitOf(1000);
  const links = Array.from({ length: 5 }, () => new Allowance([limit]));
  for (const link of links) link.take(0, blockBytes);
  expect(links[4]!.wakeAt(0)).toBeGreaterThan(60_000);
  limit.bytesPerSecond = null;
  expect(links[4]!.take(10, blockBytes)).toBe(true);
  limit.bytesPerSecond = 1_000_000;
  expect(sum(compete(links, 10_000)) / 10_000_000).toBeCloseTo(1, 1);
});

test('a slot that is given back goes to the next link', () => {
  const limit = limitOf(16_384);
  const [idle, busy] = [new Allowance([limit]), new Allowance([limit])];
  expect(idle.take(0, blockBytes)).toBe(true);
  idle.giveBack(blockBytes);
  expect(busy.take(0, blockBytes)).toBe(true);
});

test('links that were idle have saved nothing up', () => {
  const limit = limitOf(500_000);
  const links = Array.from({ length: 60 }, () => new Allowance([limit]));
  compete(links, 5000);
  const got = links.map(() => 0);
  for (const [index, link] of links.entries()) while (link.take(60_000, blockBytes)) got[index]! += blockBytes;
  expect(sum(got)).toBeLessThan(500_000 * 0.15 + 2 * blockBytes);
});

test('a message that is larger than a slot waits for as many slots as it fills, and the next one no longer than that', () => {
  const link = new Allowance([limitOf(1_000_000)]);
  const sentAt: Milliseconds[] = [];
  for (let now = 0; now < 10_000; now++) if (link.take(now, 1_000_000)) sentAt.push(now);
  expect(sentAt.map((at) => Math.round(at / 100))).toEqual([9, 19, 29, 39, 49, 59, 69, 79, 89, 99]);
});

test('slots that were saved up for a message that is not sent go to other links', () => {
  const limit = limitOf(100_000);
  const [large, other] = [new Allowance([limit]), new Allowance([limit])];
  for (let now = 0; now < 1000; now++) expect(large.take(now, 8 * blockBytes)).toBe(false);
  large.release();
  expect(other.take(1000, blockBytes)).toBe(true);
});
