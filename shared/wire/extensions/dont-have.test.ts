import { expect, test } from 'vitest';
import { readDontHave, writeDontHave } from './dont-have.ts';

test('BEP 54: the payload is the index in four bytes', () => {
  expect([...writeDontHave(0x01020304)]).toEqual([1, 2, 3, 4]);
  expect(readDontHave(Uint8Array.of(0xff, 0, 0, 1))).toBe(0xff000001);
});

test.each([0, 3, 5])('a payload of %i bytes is a fault', (length) => {
  expect(() => readDontHave(new Uint8Array(length))).toThrow(expect.objectContaining({ code: 'badLength' }));
});
