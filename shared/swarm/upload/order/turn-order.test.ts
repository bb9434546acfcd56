import { expect, test } from 'vitest';
import type { LinkId, Milliseconds } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import { Rate } from '../../lib/rate.ts';
import { TurnOrder } from './turn-order.ts';

interface Taker {
  readonly link: LinkId;
  turnBeganAt: Milliseconds;
  readonly requests: { waiting: number; aheadBytes: number; isIdle: boolean; sendingSince: Milliseconds };
}

/** `links` peers whose requests wait, the first of them with the oldest turn. The host holds eight blocks of the first and none of others.
 * The first ten seconds of turns that follow each other are over. */
function crowd(links = 12, slotPolicy: 'turns' | 'tit-for-tat' = 'turns', isNew = false) {
  const takers = Array.from({ length: links }, (_, at): Taker => ({
    link: at as LinkId,
    turnBeganAt: at,
    requests: { waiting: 10, aheadBytes: at === 0 ? 8 * blockBytes : 0, isIdle: false, sendingSince: 0 },
  }));
  const context = { now: 0, peers: new Map(takers.map((taker) => [taker.link, taker])), config: { slotPolicy, crowdLinks: 12 } };
  const rate = new Rate(3);
  const order = new TurnOrder<Taker>(context, rate);
  const [oldest, second, third] = takers as [Taker, Taker, Taker];
  /** Takers take so many bytes a second for so long. */
  const pass = (seconds: number, bytes: number): void => {
    for (let i = 0; i < seconds; i++) {
      context.now += 1000;
      for (const { requests } of takers) requests.sendingSince = context.now;
      rate.add(context.now, bytes);
      order.holds(oldest);
      order.holds(second);
      order.tick();
    }
  };
  if (!isNew) pass(11, 1e6);
  return { order, context, rate, oldest, second, third, pass };
}

test('after four seconds of all at once a younger turn waits for an older one, and comes back after it', () => {
  const { order, oldest, second, third, pass } = crowd();
  pass(3, 1e6);
  expect(order.holds(second)).toBe(false);
  pass(1, 1e6);
  expect(order.holds(oldest)).toBe(false);
  expect(order.holds(third)).toBe(true);
  expect(order.holds(second)).toBe(true);
  expect(order.drained(oldest)).toEqual([oldest, second, third]);
});

test('at first turns follow each other for ten seconds', () => {
  const { order, second, pass } = crowd(12, 'turns', true);
  pass(10, 1e6);
  expect(order.isSerial).toBe(true);
  expect(order.holds(second)).toBe(true);
  pass(1, 1e6);
  expect(order.isSerial).toBe(false);
  expect(order.holds(second)).toBe(false);
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
  expect(order.isSerial).toBe(false);
  pass(20, 1e6);
  expect(order.holds(second)).toBe(false);
});

test('one after another ends where it carries less than 85 % of the best second of all at once, and is tried again after one minute, then four', () => {
  const { order, second, pass } = crowd();
  pass(4, 1e6);
  pass(3, 8e5);
  expect(order.holds(second)).toBe(true);
  pass(1, 8e5);
  expect(order.holds(second)).toBe(false);
  pass(59, 1e6);
  expect(order.holds(second)).toBe(false);
  pass(1, 1e6);
  expect(order.holds(second)).toBe(true);
  pass(4, 8e5);
  pass(239, 1e6);
  expect(order.holds(second)).toBe(false);
  pass(1, 1e6);
  expect(order.holds(second)).toBe(true);
});

test('it ends after two seconds where it carries less than 60 %', () => {
  const { order, second, pass } = crowd();
  pass(4, 1e6);
  pass(1, 5e5);
  expect(order.holds(second)).toBe(true);
  pass(1, 5e5);
  expect(order.holds(second)).toBe(false);
});

test('where it carries as much, all at once is measured again each minute, for four seconds', () => {
  const { order, second, pass } = crowd();
  pass(4, 1e6);
  pass(59, 1e6);
  expect(order.holds(second)).toBe(true);
  pass(1, 1e6);
  expect(order.holds(second)).toBe(false);
  pass(3, 1e6);
  expect(order.holds(second)).toBe(false);
  pass(1, 1e6);
  expect(order.holds(second)).toBe(true);
});

test('seconds in which only one peer has something to take say nothing', () => {
  const { order, context, rate, oldest, second } = crowd();
  second.requests.waiting = 0;
  for (let i = 0; i < 20; i++) {
    context.now += 1000;
    oldest.requests.sendingSince = context.now;
    rate.add(context.now, 1e6);
    order.holds(oldest);
    order.tick();
  }
  expect(order.isSerial).toBe(false);
});
