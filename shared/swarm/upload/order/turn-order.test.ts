import { expect, test } from 'vitest';
import type { LinkId, Milliseconds } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import { Rate } from '../../lib/rate.ts';
import { TurnOrder } from './turn-order.ts';

interface Taker {
  readonly link: LinkId;
  turnBeganAt: Milliseconds;
  readonly pipeline: { pathMs: Milliseconds };
  readonly requests: { waiting: number; aheadBytes: number; isIdle: boolean; sendingSince: Milliseconds };
}

/** `links` peers whose requests wait, the first of them with the oldest turn. The host holds eight blocks of the first and none of others. */
function crowd(links = 12, slotPolicy: 'turns' | 'tit-for-tat' = 'turns') {
  const takers = Array.from({ length: links }, (_, at): Taker => ({
    link: at as LinkId,
    turnBeganAt: at,
    pipeline: { pathMs: 0 },
    requests: { waiting: 10, aheadBytes: at === 0 ? 8 * blockBytes : 0, isIdle: false, sendingSince: 0 },
  }));
  const config = { slotPolicy, crowdLinks: 12, leastTurnBytes: 256 * 1024 };
  const metadata = { have: { isFull: true }, geometry: { pieceLength: 256 * 1024 } };
  const context = { now: 0, peers: new Map(takers.map((taker) => [taker.link, taker])), metadata, config };
  const rate = new Rate(3);
  const order = new TurnOrder<Taker>(context, rate);
  const [oldest, second, third] = takers as [Taker, Taker, Taker];
  /** Takers take so many bytes a second for so long. */
  const pass = (seconds: number, bytes: number): void => {
    for (let i = 0; i < seconds; i++) {
      context.now += 1000;
      for (const { requests } of takers) requests.sendingSince = context.now;
      rate.add(context.now, bytes);
      for (const taker of takers) order.holds(taker);
      order.tick();
    }
  };
  return { order, context, rate, takers, oldest, second, third, pass };
}

test('a younger turn waits for an older one, and comes back after it', () => {
  const { order, oldest, second, third } = crowd();
  order.holds(third);
  expect(order.holds(oldest)).toBe(false);
  expect(order.holds(third)).toBe(true);
  expect(order.holds(second)).toBe(true);
  expect(order.drained(oldest)).toEqual([oldest, second, third]);
});

test('where several turns at once carry more, so many are served before a younger one', () => {
  const { order, takers, pass } = crowd();
  const [oldest, , , fourth, fifth] = takers as [Taker, Taker, Taker, Taker, Taker];
  oldest.requests.aheadBytes = 16 * blockBytes;
  pass(11, 1e6);
  pass(4, 3e6);
  expect(order.turnsAtOnce).toBe(4);
  expect(order.holds(fourth)).toBe(false);
  expect(order.holds(fifth)).toBe(true);
});

test('where links are fast and far, so many turns are served before a younger one as two round trips hold', () => {
  const { order, context, takers, pass } = crowd();
  for (const { pipeline } of takers.slice(6)) pipeline.pathMs = 200;
  takers[0]!.requests.aheadBytes = 64 * blockBytes;
  pass(4, 5 * 4 * 256 * 1024 - 5000);
  context.now += 999;
  expect(order.turnsAtOnce).toBe(4);
  expect(takers.map((taker) => order.holds(taker)).indexOf(true)).toBe(4);
});

test.each([
  { rate: 1e5, mostBytes: 4 * blockBytes },
  { rate: 4e6, mostBytes: 200_000 },
])('at $rate bytes a second a younger turn gets what keeps the uplink full: 50 ms, four blocks at least', ({ rate, mostBytes }) => {
  const { order, context, oldest, second, pass } = crowd();
  pass(4, rate);
  context.now += 999;
  oldest.requests.aheadBytes = mostBytes - 1000;
  expect(order.holds(second)).toBe(false);
  oldest.requests.aheadBytes = mostBytes + 1000;
  expect(order.holds(second)).toBe(true);
});

test('nobody waits for an older turn of which nothing waits, or whose block takes a second or more', () => {
  const { order, context, oldest, second, pass } = crowd();
  pass(4, 1e6);
  oldest.requests.waiting = 0;
  expect(order.holds(second)).toBe(false);
  oldest.requests.waiting = 1;
  expect(order.holds(second)).toBe(true);
  context.now += 1000;
  expect(order.holds(second)).toBe(false);
});

test('who waited for a peer that left is looked at within a second', () => {
  const { order, oldest, second, pass } = crowd();
  pass(4, 1e6);
  expect(order.holds(second)).toBe(true);
  order.closed(oldest.link);
  expect(order.tick()).toEqual([second]);
  expect(order.holds(second)).toBe(false);
});

test.each([
  { links: 11, slotPolicy: 'turns' },
  { links: 12, slotPolicy: 'tit-for-tat' },
] as const)('among $links links by $slotPolicy all are served at once', ({ links, slotPolicy }) => {
  const { order, second, pass } = crowd(links, slotPolicy);
  pass(20, 1e6);
  expect(order.turnsAtOnce).toBe(Infinity);
  expect(order.holds(second)).toBe(false);
});

test('seconds in which only one peer has something to take say nothing', () => {
  const { order, context, rate, oldest } = crowd();
  for (let i = 0; i < 30; i++) {
    context.now += 1000;
    oldest.requests.sendingSince = context.now;
    rate.add(context.now, 1e6);
    order.holds(oldest);
    order.tick();
  }
  expect(order.turnsAtOnce).toBe(1);
});
