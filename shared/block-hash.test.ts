import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockHash, blockHashes } from './block-hash.ts';

test('equal blocks have equal hashes under one key, wherever they lie in memory', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.maxSafeNat(), fc.nat(7), (bytes, key, at) => {
      const moved = new Uint8Array(bytes.length + at);
      moved.set(bytes, at);
      const hash = blockHash(bytes, key);
      expect(blockHash(moved.subarray(at), key)).toBe(hash);
      expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true);
    }),
  );
});

test('one changed bit, another length and another key change the hash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.maxSafeNat(), fc.nat(), (bytes, key, bit) => {
      const changed = bytes.slice();
      changed[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7);
      const hash = blockHash(bytes, key);
      expect(blockHash(changed, key)).not.toBe(hash);
      expect(blockHash(bytes.subarray(1), key)).not.toBe(hash);
      expect(blockHash(bytes, key ^ 1)).not.toBe(hash);
    }),
  );
});

test('a piece has a hash for each of its blocks, the short last one too', () => {
  const piece = Uint8Array.from({ length: 40 }, (_, at) => at);
  expect([...blockHashes(piece, 16, 7)]).toEqual([0, 16, 32].map((at) => blockHash(piece.subarray(at, at + 16), 7)));
});
