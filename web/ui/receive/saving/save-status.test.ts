import { expect, test } from 'vitest';
import { saveStatusOf } from './save-status.ts';

test('only a whole torrent is Saved; 5 saved of 300 files are a part', () => {
  expect(saveStatusOf({ saved: 0, complete: 300, total: 300 })).toBe('notSaved');
  expect(saveStatusOf({ saved: 5, complete: 300, total: 300 })).toBe('partlySaved');
  expect(saveStatusOf({ saved: 5, complete: 5, total: 300 })).toBe('savedSome');
  expect(saveStatusOf({ saved: 300, complete: 300, total: 300 })).toBe('saved');
});
