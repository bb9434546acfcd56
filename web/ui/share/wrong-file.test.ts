import { expect, test } from 'vitest';
import { findWrongFile } from './wrong-file.ts';

const wanted = [
  { path: ['Trip', 'first.jpg'], length: 3 },
  { path: ['Trip', 'report.txt'], length: 5 },
];

function names(...chosen: readonly File[]): (string | undefined)[] | null {
  const pair = findWrongFile(
    chosen.map((file) => ({ path: [file.name], file })),
    wanted,
  );
  return pair === null ? null : [pair.chosen.name, pair.wanted.path.at(-1)];
}

test('the wrong file is named beside the one that was meant', () => {
  const edited = new File(['longer text'], 'report.txt');
  const renamed = new File(['12345'], 'other.txt');
  const unrelated = new File([''], 'unrelated.bin');
  expect(names(unrelated, renamed, edited)).toEqual(['report.txt', 'report.txt']);
  expect(names(unrelated, renamed)).toEqual(['other.txt', 'report.txt']);
  expect(names(unrelated)).toEqual(['unrelated.bin', 'first.jpg']);
  expect(names()).toBeNull();
});
