import { expect, test } from 'vitest';
import { peerName } from './peer-names.ts';

const id = (tail: string): string => `2d5453303130302d${tail.padStart(24, '0')}`;

test('a peer id always gives the same name, and 1,024 ids give 1,024 names', () => {
  expect(peerName(id('8e21f07c'))).toBe(peerName(id('8e21f07c')));
  const names = new Set(Array.from({ length: 1024 }, (_, index) => peerName(id(index.toString(16)))));
  expect(names.size).toBe(1024);
});

test('every peer id has a name', () => {
  for (const tail of ['00000000', 'ffffffff', '7fffffff', '80000000']) expect(peerName(id(tail))).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
});
