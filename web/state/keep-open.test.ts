import { expect, test } from 'vitest';
import { snapshot, states } from '../ui/fixtures/snapshots.ts';
import { keepOpenOf, mustStay } from './keep-open.ts';

const complete = states.available.peers;

test('amber while nobody else has anything, blue while others have a part, green when somebody has everything', () => {
  const ours = { mine: true, phase: 'seeding' } as const;
  expect(keepOpenOf(snapshot({ ...ours, copies: 0 }))).toEqual({ level: 'alone' });
  expect(keepOpenOf(snapshot({ ...ours, copies: 0.004 }))).toEqual({ level: 'alone' });
  expect(keepOpenOf(snapshot({ ...ours, copies: 0.71 }))).toEqual({ level: 'partly', share: 0.71 });
  expect(keepOpenOf(snapshot({ ...ours, copies: 1.2 }))).toEqual({ level: 'spread' });
  expect(keepOpenOf(snapshot({ ...ours, copies: 2, peers: complete }))).toEqual({ level: 'safe', people: 2 });
  expect(keepOpenOf(snapshot({ ...ours, copies: 0, seeds: 1 }))).toEqual({ level: 'safe', people: 1 });
});

test('leaving asks only while something would be lost', () => {
  expect((['alone', 'spread'] as const).map((level) => mustStay({ level }))).toEqual([true, true]);
  expect(mustStay({ level: 'partly', share: 0.5 })).toBe(true);
  expect(mustStay({ level: 'safe', people: 1 })).toBe(false);
  expect(mustStay(keepOpenOf(snapshot({ mine: false, phase: 'seeding' })))).toBe(false);
  expect(mustStay(keepOpenOf(snapshot({ mine: true, phase: 'paused' })))).toBe(false);
  expect(mustStay(keepOpenOf(snapshot({ mine: true, phase: 'seeding', source: 'unreachable' })))).toBe(false);
});
