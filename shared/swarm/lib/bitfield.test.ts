import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bitfield } from './bitfield.ts';

test('the high bit of the first byte is piece 0 (BEP 3)', () => {
  const field = new Bitfield(10);
  field.set(0);
  field.set(9);
  expect([...field.bytes]).toEqual([0b1000_0000, 0b0100_0000]);
});

test.each([
  ['one byte short', 9, [0xff]],
  ['one byte long', 8, [0xff, 0]],
  ['a spare bit set', 9, [0xff, 0b1100_0000]],
  ['empty for one piece', 1, []],
])('a peer with %s is at fault', (_, size, bytes) => {
  expect(() => Bitfield.fromPeer(size, Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'badBitfield' }));
});

test('full() has every piece and no spare bit, for every size', () => {
  for (let size = 1; size <= 33; size++) {
    const full = Bitfield.full(size);
    expect(full.isFull).toBe(true);
    expect(Bitfield.fromPeer(size, full.bytes).count).toBe(size);
  }
});

test('count and membership follow a set of numbers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.array(fc.tuple(fc.nat(69), fc.boolean()), { maxLength: 100 }), (size, changes) => {
      const field = new Bitfield(size);
      const model = new Set<number>();
      for (const [number, isSet] of changes) {
        const piece = number % size;
        expect(isSet ? field.set(piece) : field.clear(piece)).toBe(model.has(piece) !== isSet);
        if (isSet) model.add(piece);
        else model.delete(piece);
      }
      expect(field.count).toBe(model.size);
      for (let piece = 0; piece < size; piece++) expect(field.has(piece)).toBe(model.has(piece));
    }),
  );
});
