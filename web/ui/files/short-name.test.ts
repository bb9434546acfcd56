import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortNameOf } from './short-name.ts';

test('the end of a long name keeps its extension', () => {
  expect(shortNameOf('a very long file name that goes on.tar.gz')?.end).toBe('es on.tar.gz');
  expect(shortNameOf('invoice.pdf                                   .exe')?.end.trimStart()).toBe('.exe');
});

test('a name of 20 letters can be shortened, because a row of a telephone has room for 16', () => {
  expect(shortNameOf('Summer in Lisbon.mov')).toEqual({ start: 'Summer i', end: 'n Lisbon.mov' });
});

test('a short name is not shortened', () => {
  expect(shortNameOf('tram-28.jpg')).toBeNull();
});

test('graphemes are never split: letters keep their accents, emoji families stay together', () => {
  const family = '👨‍👩‍👧';
  expect(shortNameOf(`${'x'.repeat(30)}${family.repeat(12)}`)?.end).toBe(family.repeat(12));
  expect(shortNameOf(`${'x'.repeat(30)}e\u0301${'y'.repeat(11)}`)?.end).toBe(`e\u0301${'y'.repeat(11)}`);
});

test('both parts together give the full name', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (name) => {
      const short = shortNameOf(name) ?? { start: name, end: '' };
      expect(short.start + short.end).toBe(name);
    }),
  );
});
