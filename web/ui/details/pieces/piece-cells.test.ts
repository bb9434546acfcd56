import { expect, test } from 'vitest';
import { availabilityBins, cellsOf, pieceCounts } from './piece-cells.ts';

function pieces(states: readonly number[], copies: readonly number[], firstPieces: readonly number[] = [0]) {
  return {
    pieceLength: 16_384,
    states: Uint8Array.from(states),
    copies: Uint8Array.from(copies),
    firstPieces: Uint32Array.from(firstPieces),
  };
}

test('each piece is here, coming, with one person, with several, or with nobody', () => {
  const some = pieces([2, 1, 0, 0, 0], [0, 3, 1, 2, 0], [0, 3]);
  expect(cellsOf(some)).toEqual({
    piecesEach: 1,
    kinds: ['here', 'coming', 'oneCopy', 'missing', 'nobody'],
    begins: [false, false, false, true, false],
  });
  expect([...pieceCounts(some).values()]).toEqual([1, 1, 1, 1, 1]);
});

test('where a cell stands for several pieces, the worst is shown', () => {
  const states = Array.from({ length: 100_000 }, () => 2);
  states[60_000] = 0;
  const { piecesEach, kinds } = cellsOf(
    pieces(
      states,
      Array.from({ length: 100_000 }, () => 0),
    ),
  );
  expect(piecesEach).toBe(25);
  expect(kinds).toHaveLength(4000);
  expect(kinds.filter((kind) => kind === 'nobody')).toHaveLength(1);
  expect(kinds.indexOf('nobody')).toBe(2400);
});

test('availability is the mean number of copies of a stretch, against the most there are', () => {
  expect([...availabilityBins(pieces([0, 0, 0, 0], [4, 4, 0, 2]), 2)]).toEqual([1, 0.25]);
  expect([...availabilityBins(pieces([0], [0]), 2)]).toEqual([0, 0]);
});
