import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bitfield } from '../../../shared/swarm/lib/bitfield.ts';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import { etaSeconds, fileProgress, pieceBins } from './snapshot.ts';

test('the time left is in whole seconds, and unknown while nothing is received', () => {
  expect(etaSeconds(1001, 1000)).toBe(2);
  expect(etaSeconds(1000, 0)).toBeNull();
  expect(etaSeconds(0, 1000)).toBeNull();
});

test('progress of files that share a piece, of an empty one and of the last', () => {
  const geometry = new Geometry(10, [
    { length: 15, padding: false },
    { length: 0, padding: false },
    { length: 7, padding: false },
  ]);
  const have = new Bitfield(3);
  have.set(1);
  expect([...fileProgress(have.bytes, geometry, [0, 1, 2])]).toEqual([5, 0, 5]);
});

test('bins show the share of bytes under them: a full bin is complete, an empty one has nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 1, max: 100 }),
      fc.func(fc.boolean()),
      (pieceCount, last, hasPiece) => {
        const geometry = new Geometry(100, [{ length: (pieceCount - 1) * 100 + last, padding: false }]);
        const have = new Bitfield(pieceCount);
        for (let piece = 0; piece < pieceCount; piece++) if (hasPiece(piece)) have.set(piece);
        const bins = pieceBins(have.bytes, geometry);
        expect(bins).toHaveLength(Math.min(512, pieceCount));
        expect(bins.every((share) => share === 255)).toBe(have.isFull);
        expect(bins.some((share) => share > 0) && have.count === 0).toBe(false);
      },
    ),
  );
});

test('the bins of a choice are of its pieces alone: full where all of them are here', () => {
  const geometry = new Geometry(10, [{ length: 35, padding: false }]);
  const have = new Bitfield(4);
  have.set(1);
  have.set(3);
  expect([...pieceBins(have.bytes, geometry, Uint32Array.of(1, 3))]).toEqual([255, 255]);
  expect([...pieceBins(have.bytes, geometry, Uint32Array.of(0, 3))]).toEqual([0, 255]);
  expect([...pieceBins(have.bytes, geometry, new Uint32Array(0))]).toEqual([]);
});
