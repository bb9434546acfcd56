import { expect, test } from 'vitest';
import { speedOf, speedText } from './speed.ts';

test.each([
  ['', null],
  ['  ', null],
  ['200000', 200_000],
  ['500 kB', 500_000],
  ['500kB/s', 500_000],
  ['1.5 MB/s', 1_500_000],
  ['1,5 MB', 1_500_000],
  ['2M', 2_000_000],
  ['1 MiB/s', 1_048_576],
  ["1'000'000", 1_000_000],
])('“%s” is understood as a speed', (text, bytes) => {
  expect(speedOf(text)).toBe(bytes);
});

test.each(['fast', '-5', '0', '12', '5 MB/h', '1.2.3 MB', '1e999', 'kB'])('“%s” is no speed', (text) => {
  expect(speedOf(text)).toBeUndefined();
});

test('a speed that is shown reads back as the same number', () => {
  for (const bytes of [256, 1234, 64_000, 200_000, 1_500_000, 1_048_576, 25_000_000]) expect(speedOf(speedText(bytes))).toBe(bytes);
  expect(speedText(null)).toBe('');
});
