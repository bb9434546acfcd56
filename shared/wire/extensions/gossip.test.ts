import { expect, test } from 'vitest';
import { readGossip, writeGossip } from './gossip.ts';

test('both messages are read back', () => {
  for (const message of [{ type: 'welcome', pieces: 2 } as const, { type: 'refuse', piece: 70_000 } as const]) {
    expect(readGossip(writeGossip(message))).toEqual(message);
  }
});

test('what a later version may say is skipped', () => {
  expect(readGossip(Uint8Array.of(9, 0, 0, 0, 1))).toBeNull();
});

test.each([0, 4, 6, 1000])('a payload of %i bytes is a fault', (bytes) => {
  expect(() => readGossip(new Uint8Array(bytes))).toThrow('badLength');
});
