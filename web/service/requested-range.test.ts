import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestedRange } from './requested-range.ts';

test('the two bytes that Safari asks for first, an open range, a suffix', () => {
  expect(requestedRange('bytes=0-1', 1000)).toEqual({ offset: 0, length: 2 });
  expect(requestedRange('bytes=0-', 1000)).toEqual({ offset: 0, length: 1000 });
  expect(requestedRange('bytes=990-', 1000)).toEqual({ offset: 990, length: 10 });
  expect(requestedRange('bytes=-10', 1000)).toEqual({ offset: 990, length: 10 });
});

test('a range that goes beyond the end is cut, one that begins there cannot be satisfied', () => {
  expect(requestedRange('bytes=990-5000', 1000)).toEqual({ offset: 990, length: 10 });
  expect(requestedRange('bytes=-5000', 1000)).toEqual({ offset: 0, length: 1000 });
  expect(requestedRange('bytes=1000-', 1000)).toBeNull();
  expect(requestedRange('bytes=-0', 1000)).toBeNull();
  expect(requestedRange('bytes=0-', 0)).toBeNull();
});

test('what is no single range is answered with the whole file', () => {
  for (const header of [null, '', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,4-5', 'items=0-1', 'bytes=a-b', 'bytes=0-1x'])
    expect(requestedRange(header, 1000)).toBe('whole');
});

test('whatever is asked, the answer lies in the file', () => {
  const bound = fc.oneof(fc.constant(''), fc.nat(2000).map(String), fc.bigInt({ min: 0n, max: 10n ** 18n }).map(String));
  fc.assert(
    fc.property(bound, bound, fc.nat(1500), (first, last, fileBytes) => {
      const range = requestedRange(`bytes=${first}-${last}`, fileBytes);
      if (range === null || range === 'whole') return;
      expect(range.length).toBeGreaterThan(0);
      expect(range.offset).toBeGreaterThanOrEqual(0);
      expect(range.offset + range.length).toBeLessThanOrEqual(fileBytes);
    }),
  );
});
