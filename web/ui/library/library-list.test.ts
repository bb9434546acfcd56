import { expect, test } from 'vitest';
import { snapshot } from '../fixtures/snapshots.ts';
import { arranged, countsOf, type Sorting } from './library-list.ts';

function row(changes: Parameters<typeof snapshot>[0]) {
  return { snapshot: snapshot(changes) };
}

const rows = [
  row({ id: 'a', name: 'part 10', addedAt: 3, totalBytes: 5, downRate: 1 }),
  row({ id: 'b', name: 'Part 2', addedAt: 2, totalBytes: 50, finishedAt: 9, phase: 'seeding' }),
  row({ id: 'c', name: 'émile', addedAt: 1, totalBytes: 5, phase: 'paused' }),
];

const order = (sorting: Sorting): string =>
  arranged(rows, sorting)
    .flatMap(({ members }) => members.map((each) => each.snapshot.id))
    .join('');

test('by name numbers count as numbers, and accents and case last', () => {
  expect(order({ key: 'name', descending: false })).toBe('cba');
  expect(order({ key: 'name', descending: true })).toBe('abc');
});

test('equal rows stay newest first, in both directions', () => {
  expect(order({ key: 'size', descending: true })).toBe('bac');
  expect(order({ key: 'size', descending: false })).toBe('acb');
  expect(order({ key: 'people', descending: true })).toBe('abc');
});

test('by date, by speed, and by the day it was finished', () => {
  expect(order({ key: 'added', descending: false })).toBe('cba');
  expect(order({ key: 'down', descending: true })[0]).toBe('a');
  expect(order({ key: 'finished', descending: true })[0]).toBe('b');
});

test('only the order by state has groups', () => {
  expect(arranged(rows, { key: 'name', descending: false }).map(({ name }) => name)).toEqual([null]);
  expect(arranged(rows, { key: 'state', descending: false }).map(({ name }) => name)).toEqual(['downloading', 'finished', 'paused']);
  expect(arranged([], { key: 'name', descending: false })).toEqual([]);
  expect([...countsOf(rows)]).toEqual([
    ['downloading', 1],
    ['finished', 1],
    ['paused', 1],
  ]);
});
