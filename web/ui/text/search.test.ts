import { expect, test } from 'vitest';
import { searchFor } from './search.ts';

test('searching ignores upper case, accents and spaces around the words', () => {
  expect(searchFor(' ete a GENEVE')('Été à Genève.bin')).toBe(true);
  expect(searchFor('summer')('Winter')).toBe(false);
  expect(searchFor(' ')('')).toBe(true);
});
