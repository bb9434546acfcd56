import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attachment } from './attachment.ts';

test('a plain name, an unusual one, and one that would end the header', () => {
  expect(attachment('a b.txt')).toBe(`attachment; filename="a b.txt"; filename*=UTF-8''a%20b.txt`);
  expect(attachment('naïve (1)🌞.txt')).toBe(
    `attachment; filename="na_ve _1___.txt"; filename*=UTF-8''na%C3%AFve%20%281%29%F0%9F%8C%9E.txt`,
  );
  expect(attachment('a"\r\nSet-Cookie: b')).not.toMatch(/[\r\n]/);
});

test('any name makes a valid header from which it can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const header = attachment(name);
      expect(new Headers({ 'content-disposition': header }).has('content-disposition')).toBe(true);
      expect(decodeURIComponent(header.slice(header.indexOf("UTF-8''") + 7))).toBe(name);
    }),
  );
});
