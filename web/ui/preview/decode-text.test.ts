import { expect, test } from 'vitest';
import { decodeText } from './decode-text.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

test('UTF-8, UTF-16 with its mark, and old Windows text', () => {
  expect(decodeText(utf8('naïve 🦊'), true)).toBe('naïve 🦊');
  expect(decodeText(Uint8Array.of(0xff, 0xfe, 0x41, 0, 0xe9, 0), true)).toBe('Aé');
  expect(decodeText(Uint8Array.of(0x63, 0x61, 0x66, 0xe9), true)).toBe('café');
});

test('a beginning that ends within a letter is shown without it', () => {
  expect(decodeText(utf8('abc🦊').subarray(0, 5), false)).toBe('abc');
});

test('bytes with zeros are no text', () => {
  expect(decodeText(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), true)).toBeNull();
});
