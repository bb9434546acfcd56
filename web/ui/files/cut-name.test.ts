import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutName } from './cut-name.ts';

test('the end of a long name keeps its extension', () => {
  expect(cutName('a very long file name that goes on.tar.gz')?.ending).toBe('es on.tar.gz');
  expect(cutName('invoice.pdf                                   .exe')?.ending.trimStart()).toBe('.exe');
});

test('a short name is left alone', () => {
  expect(cutName('tram-28.jpg')).toBeNull();
});

test('no letter is torn from its accents, no flag and no family from its members', () => {
  const family = '👨‍👩‍👧';
  expect(cutName(`${'x'.repeat(30)}${family.repeat(12)}`)?.ending).toBe(family.repeat(12));
  expect(cutName(`${'x'.repeat(30)}e\u0301${'y'.repeat(11)}`)?.ending).toBe(`e\u0301${'y'.repeat(11)}`);
});

test('both parts together are the name', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (name) => {
      const cut = cutName(name) ?? { stem: name, ending: '' };
      expect(cut.stem + cut.ending).toBe(name);
    }),
  );
});
