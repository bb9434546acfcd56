import { expect, test } from 'vitest';
import { RowSelection } from './row-selection.svelte.ts';

const order = ['a', 'b', 'c', 'd', 'e'];
const chosen = (selection: RowSelection): string => order.filter((id) => selection.has(id)).join('');

test('Shift selects from the last click to this one, in both directions', () => {
  const selection = new RowSelection();
  selection.toggle('d', order, false);
  selection.toggle('b', order, true);
  expect(chosen(selection)).toBe('bcd');
  selection.toggle('c', order, false);
  expect(chosen(selection)).toBe('bd');
  selection.toggle('e', order, true);
  expect(chosen(selection)).toBe('bcde');
});

test('the first click with Shift selects one row', () => {
  const selection = new RowSelection();
  selection.toggle('c', order, true);
  expect(chosen(selection)).toBe('c');
});

test('what a search hides is not selected any more', () => {
  const selection = new RowSelection();
  selection.all(order);
  selection.keepOnly(['b', 'e']);
  expect(chosen(selection)).toBe('be');
  selection.clear();
  expect(selection.size).toBe(0);
});
