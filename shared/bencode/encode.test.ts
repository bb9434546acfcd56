import { expect, test } from 'vitest';
import { AssertionError } from '../assert.ts';
import { toBinaryString } from '../bytes.ts';
import { type Encodable, encode, Verbatim } from './encode.ts';

const written = (value: Encodable): string => toBinaryString(encode(value));

test('the examples of BEP 3', () => {
  expect(written('spam')).toBe('4:spam');
  expect(written(-3)).toBe('i-3e');
  expect(written(['spam', 'eggs'])).toBe('l4:spam4:eggse');
  expect(
    written(
      new Map([
        ['spam', 'eggs'],
        ['cow', 'moo'],
      ]),
    ),
  ).toBe('d3:cow3:moo4:spam4:eggse');
});

test('keys are sorted by their raw bytes, not by their text', () => {
  const keys = ['b', 'a', '\u00ff', 'ab', 'Z', '', '\u007f'];
  expect(written(new Map(keys.map((key) => [key, 0])))).toBe('d0:i0e1:Zi0e1:ai0e2:abi0e1:bi0e1:\u007fi0e1:\u00ffi0ee');
});

test('text is written as UTF-8 and counted in bytes', () => {
  expect(written('é')).toBe('2:\u00c3\u00a9');
});

test('negative zero is zero', () => {
  expect(written(-0)).toBe('i0e');
});

test('verbatim bytes go out as they are', () => {
  const unsorted = new TextEncoder().encode('d1:bi1e1:ai2ee');
  expect(written(new Map([['info', new Verbatim(unsorted)]]))).toBe('d4:infod1:bi1e1:ai2eee');
});

test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%s is an assertion', (number) => {
  expect(() => encode(number)).toThrow(AssertionError);
});
