import { expect, test } from 'vitest';
import type { PeerId } from '../../shared/ids.ts';
import { Acquaintances } from './acquaintances.ts';

const peer = 'a'.repeat(40) as PeerId;

test('who broke the protocol is left alone for a minute', () => {
  const known = new Acquaintances();
  known.closed(1000, peer, 'badMessage');
  expect([known.welcome(60_999, peer, false), known.welcome(61_000, peer, false)]).toEqual([false, true]);
});

test('our own reasons to close say nothing against the peer', () => {
  const known = new Acquaintances();
  for (const code of ['paused', 'duplicatePeer', 'removed', 'failed'] as const) known.closed(0, peer, code);
  expect(known.welcome(0, peer, true)).toBe(true);
});

test('a seed is of no use as long as we are one', () => {
  const known = new Acquaintances();
  known.closed(0, peer, 'seedToSeed');
  expect([known.welcome(1, peer, true), known.welcome(1, peer, false)]).toEqual([false, true]);
});

test('who cannot be reached is tried ever less often, until it is met or the network changes', () => {
  const known = new Acquaintances();
  known.unreachable(0, peer);
  expect(known.welcome(0, peer, false)).toBe(true);
  known.unreachable(1000, peer);
  expect([known.welcome(15_999, peer, false), known.welcome(16_000, peer, false)]).toEqual([false, true]);
  known.unreachable(16_000, peer);
  expect([known.welcome(45_999, peer, false), known.welcome(46_000, peer, false)]).toEqual([false, true]);
  known.met(peer);
  known.unreachable(100_000, peer);
  expect(known.welcome(100_000, peer, false)).toBe(true);
  known.unreachable(200_000, peer);
  known.forgive();
  expect(known.welcome(200_000, peer, false)).toBe(true);
});

test('a stranger with many ids cannot fill the memory', () => {
  const known = new Acquaintances();
  known.closed(0, peer, 'badMessage');
  for (let i = 0; i < 1000; i++) known.closed(0, i.toString(16).padStart(40, '0') as PeerId, 'badMessage');
  expect(known.welcome(0, peer, false)).toBe(true);
});
